import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../base/diagnostic.ts';
import { hasErrors } from '../base/diagnostic.ts';
import type { Certificate } from '../gateway/surface.ts';
import type { SocketsWay } from '../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../plan/edge/model.ts';
import type { EndedConnection } from '../registry/history/ended.ts';
import type { Totals } from '../registry/totals.ts';
import { sharedDesk } from './desk/shared.ts';
import { type Chronicle, chronicle } from './history/chronicle.ts';
import { bindListeners } from './listeners.ts';
import type { EdgeEventSink } from './log/notices.ts';
import { type InstanceState, managedUpstreams } from './managed/upstreams.ts';
import { planChange } from './plan-change.ts';
import { edgeQuestions, type Questions } from './questions.ts';
import { startGuardian } from './workers/guardian.ts';
import type { BoundAddress, ManagedServers, WorkerHealth } from './workers/messages.ts';
import { workerPool } from './workers/pool.ts';
import type { WorkerProcess } from './workers/process.ts';
import { reportEveryMs } from './workers/session.ts';
import { chooseSockets } from './workers/sockets.ts';

/** The edge as a whole: what the control API and the command line see of it. It holds no client's socket. */
export interface Supervisor extends Questions {
  /** Where the edge listens, in the order of the plan. */
  readonly addresses: readonly BoundAddress[];
  readonly startedAtMs: number;
  plan(): EdgePlan;
  /** What happened: who ended and why, events, and the counts of the last hour. */
  readonly chronicle: Chronicle;
  /** Tells the log and the chronicle. */
  readonly note: EdgeEventSink;

  totals(): Totals;
  workers(): readonly WorkerState[];
  /** Process ids of workers that do not report or answer: what is asked of all workers is answered without them. */
  silentWorkers(): readonly number[];
  workerRestarts(): number;
  instances(): readonly InstanceState[];
  /** Servers of the upstreams that Holdline starts itself, as they are now. */
  managedServers(): ManagedServers;

  gateClosed(): boolean;
  setGate(closed: boolean): void;
  /**
   * Takes over a new plan, or says why it cannot; then nothing has changed. `certificates`: one for each listener, usable ones;
   * left out, those that run stay.
   */
  apply(plan: EdgePlan, certificates?: readonly (Certificate | null)[]): ApplyOutcome;

  /** Gate, then 1001 to every connection, oldest first, then the workers and the servers end. Idempotent. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  /** Ends everything at once. */
  cut(): void;
}

export interface WorkerState extends WorkerHealth {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly connections: number;
  /** How long it has not reported; 0 while it does. */
  readonly silentMs: number;
}

export interface ApplyOutcome {
  readonly changed: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReloadOutcome extends ApplyOutcome {
  /** The last reading that changed anything, this one or, when the file is watched, an earlier one; null when none has. */
  readonly lastChange: { readonly atMs: number; readonly changed: readonly string[] } | null;
}

export interface SupervisorOptions {
  readonly plan: EdgePlan;
  /** One for each listener of the plan: PEM texts, or null for plain text. */
  readonly certificates: readonly (Certificate | null)[];
  /** What the directories of managed commands are relative to. */
  readonly directory: string;
  /** Environment of the managed commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent: EdgeEventSink;
  /** False spares the workers telling of each connection that opens, when nobody writes it down. Default: true. */
  readonly tellsOpens?: boolean;
  /** Connections that ended on an earlier edge, oldest first: out of its log. */
  readonly remembered?: readonly EndedConnection[];
  /** `public` keeps the workers to what Node documents. Default: `direct` where this Node can, which is tried at the start. */
  readonly sockets?: SocketsWay;
  readonly nowMs?: () => number;
  /** Aborting it ends everything at once, at whatever time: while it starts, then the start rejects, or later. */
  readonly signal?: AbortSignal;
  /** Path of the worker's compiled entry; tests that run from the sources name it. */
  readonly workerEntry?: string;
}

/** Long enough for a close frame to cross the world and come back, short enough for whoever waits at the terminal. */
export const closeGraceMsDefault = 5000;

export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const nowMs = options.nowMs ?? Date.now;
  const startedAtMs = nowMs();
  let { plan, certificates } = options;
  const { tellsOpens = true } = options;
  let gateClosed = false;
  let closing: Promise<void> | null = null;

  const sockets = options.sockets ?? (await chooseSockets(options.onEvent));
  const listeners = await bindListeners(plan.listen.map((listen) => listen.address));
  const closeListeners = () => {
    for (const listener of listeners) listener.handle.close();
  };

  const onEvent: EdgeEventSink = (event) => {
    told.note(event);
    options.onEvent(event);
  };
  const managed = managedUpstreams({
    directory: options.directory,
    env: { ...options.env, ...controlVariable(plan) },
    nowMs,
    onEvent,
    onServers: (upstream, servers) => pool.tellAll({ kind: 'set-servers', upstream, servers }),
  });
  let workerNumber = 0;
  const desk = sharedDesk(plan);
  const guardian = startGuardian(options.workerEntry ?? workerEntry);
  const pool = workerPool({
    entry: options.workerEntry ?? workerEntry,
    listeners: listeners.map((listener) => listener.handle),
    nowMs,
    newIdPrefix: () => `${startedAtMs.toString(36)}-${(++workerNumber).toString(36)}`,
    state: () => ({ plan, servers: managed.servers(), certificates, gateClosed, tellsOpens, sockets }),
    onEvent,
    desk,
    guardian,
  });

  const questions = edgeQuestions(pool, nowMs);
  const workers = () => pool.ready().map(workerState);
  const told = chronicle({
    nowMs,
    read: () => ({ totals: pool.totals(), ...heaviest(workers()) }),
    survivors: questions.survivors,
    onIncident: (incident) => onEvent({ kind: 'incident', incident }),
  });
  told.remember(options.remembered ?? []);

  function cut(): void {
    pool.cut();
    guardian.close();
    managed.cut();
  }
  options.signal?.addEventListener('abort', cut, { once: true });

  try {
    options.signal?.throwIfAborted();
    managed.apply(plan);
    // The servers first: an edge that listens before they do would greet early clients with 502.
    await managed.started();
    options.signal?.throwIfAborted();
    await pool.start(plan.workers);
  } catch (error) {
    pool.cut();
    guardian.close();
    await managed.close();
    closeListeners();
    throw error;
  }

  const second = setInterval(() => told.tick(), 1000);
  const tick = setInterval(() => {
    pool.sharePeerLoads();
    managed.retire(pool.totals().openByServer);
  }, reportEveryMs);

  async function close(graceMs: number): Promise<void> {
    pool.tellAll({ kind: 'gate', closed: true });
    await pool.close({ code: 1001, reason: 'the edge is shutting down', graceMs });
    clearInterval(tick);
    guardian.close();
    clearInterval(second);
    closeListeners();
    await managed.close();
  }

  return {
    addresses: listeners.map(({ host, port }) => ({ host, port })),
    startedAtMs,
    plan: () => plan,

    chronicle: told,
    note: onEvent,
    ...questions,

    totals: () => pool.totals(),
    workers,
    silentWorkers: () => pool.silent().map((worker) => worker.pid),
    workerRestarts: () => pool.restarts,
    instances: () => managed.instances(),
    managedServers: () => managed.servers(),

    gateClosed: () => gateClosed,
    setGate(closed) {
      gateClosed = closed;
      pool.tellAll({ kind: 'gate', closed });
    },
    apply(next, nextCertificates = certificates) {
      const planned = planChange(plan, next);
      if (hasErrors(planned.diagnostics)) return planned;
      const renewed = !isDeepStrictEqual(nextCertificates, certificates);
      const change = renewed ? { ...planned, changed: [...planned.changed, 'certificates'] } : planned;
      if (renewed) {
        certificates = nextCertificates;
        pool.tellAll({ kind: 'certificates', certificates });
      }
      if (change.changed.length === 0) {
        // The plan names the hooks module, and the module may be another one now: the workers look.
        if (plan.hooks !== null) pool.tellAll({ kind: 'apply', plan, servers: managed.servers() });
        return change;
      }
      // What cannot change in a running edge stays as it runs, so that the next comparison is with what is true.
      plan = { ...next, workers: plan.workers, control: plan.control };
      desk.apply(plan);
      managed.apply(plan);
      pool.tellAll({ kind: 'apply', plan, servers: managed.servers() });
      onEvent({ kind: 'reloaded', changed: change.changed });
      return change;
    },

    close({ graceMs = closeGraceMsDefault } = {}) {
      closing ??= close(graceMs);
      return closing;
    },
    cut,
  };
}

/** The compiled entry beside this file, or, when the sources run as they are (tests), the one in dist/. */
const workerEntry = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/control/workers/main.js' : './workers/main.js',
    import.meta.url,
  ),
);

function workerState(worker: WorkerProcess): WorkerState {
  return {
    pid: worker.pid,
    startedAtMs: worker.startedAtMs,
    silentMs: worker.silentMs,
    connections: Object.values(worker.report?.totals.routes ?? {}).reduce((sum, route) => sum + route.open, 0),
    ...(worker.report?.health ?? noHealth),
  };
}

/** What the charts show of the workers: their memory together, and the one that is held up most. */
function heaviest(workers: readonly WorkerState[]) {
  return {
    memoryBytes: workers.reduce((sum, worker) => sum + worker.memoryBytes, 0),
    loopDelayMs: workers.reduce((most, worker) => Math.max(most, worker.eventLoopDelayMaxMs), 0),
  };
}

const noHealth: WorkerHealth = {
  memoryBytes: 0,
  eventLoopDelayMaxMs: 0,
  eventLoopDelayP50Ms: 0,
  eventLoopDelayP99Ms: 0,
  cpuShare: 0,
};

/** Tells the servers that Holdline starts where they can reach the control API. */
function controlVariable(plan: EdgePlan): Record<string, string> {
  const { host, port } = plan.control.address;
  if (port === 0) return {};
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { HOLDLINE_CONTROL: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}` };
}
