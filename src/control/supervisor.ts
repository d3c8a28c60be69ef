import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../base/diagnostic.ts';
import { hasErrors } from '../base/diagnostic.ts';
import type { Certificate } from '../gateway/surface.ts';
import type { SocketsWay } from '../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../plan/edge/model.ts';
import type { EndedRecord } from '../registry/history/ended.ts';
import { openIn, type Totals } from '../registry/totals.ts';
import { sharedDesk } from './desk/shared.ts';
import { type DrainDesk, drainDesk } from './drain/desk.ts';
import { drainEverybody, drainOfRoute, listPlaces } from './drain/of-edge.ts';
import { type Gates, edgeGates as startGates } from './gates.ts';
import { type Chronicle, chronicle } from './history/chronicle.ts';
import { bindListeners } from './listeners.ts';
import type { EdgeEventSink } from './log/notices.ts';
import { controlVariable } from './managed/control-variable.ts';
import { type InstanceState, managedUpstreams } from './managed/upstreams.ts';
import { namedServers } from './names/addresses.ts';
import { planChange } from './plan-change.ts';
import { edgeQuestions, type WorkerQuestions } from './questions.ts';
import { serverBook } from './servers/book.ts';
import { type ServerDesk, serverDesk } from './servers/desk.ts';
import { overlayFindings } from './servers/overlay.ts';
import { workerEntry } from './workers/entry.ts';
import { startGuardian } from './workers/guardian.ts';
import type { BoundAddress } from './workers/messages.ts';
import { workerPool } from './workers/pool.ts';
import { reportEveryMs } from './workers/session.ts';
import { chooseSockets } from './workers/sockets.ts';
import { heaviest, type WorkerStatus, workerState } from './workers/state.ts';

export type { WorkerStatus } from './workers/state.ts';

import { ticketSecretBytes, ticketSecretLifetimeMs, withTicketKeys } from './workers/ticket-keys.ts';

/** The edge as a whole: what the control API and the command line see of it. It holds no client's socket. */
export interface Supervisor extends WorkerQuestions {
  /** Where the edge listens, in the order of the plan. */
  readonly addresses: readonly BoundAddress[];
  readonly startedAtMs: number;
  plan(): EdgePlan;
  /** What happened: who ended and why, events, and the counts of the last hour. */
  readonly chronicle: Chronicle;
  /** Tells the log and the chronicle. */
  readonly note: EdgeEventSink;

  totals(): Totals;
  workers(): readonly WorkerStatus[];
  /** Process ids of workers that do not report or answer: what is asked of all workers is answered without them. */
  silentWorkers(): readonly number[];
  workerRestarts(): number;
  instances(): readonly InstanceState[];

  /** Every server with its state and its live connections, and what can be done with them. */
  readonly servers: ServerDesk;
  /** Drains of whatever a filter names, and how far they are. */
  readonly drains: DrainDesk;
  readonly gates: Gates;
  /**
   * Takes over a new plan, or says why it cannot; then nothing has changed. `certificates`: one for each listener, usable ones;
   * left out, those that run stay.
   */
  apply(plan: EdgePlan, certificates?: readonly (Certificate | null)[]): ApplyOutcome;

  /**
   * Gate, then a drain at the routes' pace for `deadlineMs` (the plan's, when left out), then 1001 to everybody who is left, then the
   * workers and the servers end. `graceMs`: how long the last closes are waited for. Idempotent.
   */
  close(options?: { readonly graceMs?: number; readonly deadlineMs?: number }): Promise<void>;
  /** Ends everything at once. */
  cut(): void;
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
  readonly remembered?: readonly EndedRecord[];
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
  let ticketSecret = randomBytes(ticketSecretBytes);
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
    onServers: (upstream, servers) => book.setManaged(upstream, servers),
    onLeaving: (upstream, url) => {
      const entry = book.find(upstream, url);
      if (entry !== undefined) servers.sweep([entry]);
    },
  });
  const monotonicMs = () => performance.now();
  const clocks = { nowMs, monotonicMs, random: Math.random, onEvent };
  const book = serverBook({
    ...clocks,
    onList: (upstream, list) => pool.tellAll({ kind: 'set-servers', upstream, servers: list }),
  });
  const named = namedServers({ onEvent, onChange: () => book.apply(named.resolved(plan)) });
  const drains = drainDesk({
    ...clocks,
    plan,
    list: (request) => listPlaces(pool, request),
    closeOn: async (worker, ids, request) => (await pool.askOne(worker, 'drain-ids', { ids, request })).closed,
  });
  const servers = serverDesk({ plan: () => plan, book, drains });
  const gates = startGates({
    plan,
    clients: () => openIn(pool.totals()),
    onEvent,
    onChange: (gate) => pool.tellAll({ kind: 'gate', gate }),
  });
  let workerNumber = 0;
  const desk = sharedDesk(plan);
  const guardian = startGuardian(options.workerEntry ?? workerEntry);
  const pool = workerPool({
    entry: options.workerEntry ?? workerEntry,
    listeners: listeners.map((listener) => listener.handle),
    nowMs,
    newIdPrefix: () => `${startedAtMs.toString(36)}-${(++workerNumber).toString(36)}`,
    state: () => ({
      plan: named.resolved(plan),
      servers: book.lists(),
      certificates: withTicketKeys(certificates, ticketSecret),
      gate: gates.state(),
      tellsOpens,
      sockets,
    }),
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

  function tellCertificates(): void {
    pool.tellAll({ kind: 'certificates', certificates: withTicketKeys(certificates, ticketSecret) });
  }

  function cut(): void {
    pool.cut();
    guardian.close();
    managed.cut();
  }
  options.signal?.addEventListener('abort', cut, { once: true });

  try {
    options.signal?.throwIfAborted();
    named.apply(plan);
    book.apply(plan);
    managed.apply(plan);
    // The servers first: an edge that listens before they do would greet early clients with 502.
    await Promise.all([managed.started(), named.started()]);
    options.signal?.throwIfAborted();
    await pool.start(plan.workers);
  } catch (error) {
    pool.cut();
    guardian.close();
    book.close();
    named.close();
    await managed.close();
    closeListeners();
    throw error;
  }

  const second = setInterval(() => told.tick(), 1000);
  const tick = setInterval(() => {
    pool.sharePeerLoads();
    const { openByServer } = pool.totals();
    book.tick({ openByServer, passive: pool.passiveSigns() });
    servers.sweepAgain(monotonicMs());
    managed.retire(openByServer);
  }, reportEveryMs);

  const renewal = setInterval(() => {
    ticketSecret = randomBytes(ticketSecretBytes);
    tellCertificates();
  }, ticketSecretLifetimeMs);

  async function close(graceMs: number, deadlineMs: number): Promise<void> {
    gates.set({ route: null, closed: true });
    // Those of the plan, whatever the last report says: clients may have come since. Removed routes may hold some, too.
    const open = Object.entries(pool.totals().routes).flatMap(([name, { open }]) => (open > 0 ? [name] : []));
    const routes = new Set([...plan.routes.map(({ name }) => name), ...open]);
    if (deadlineMs > 0) await drainEverybody(drains, routes, deadlineMs);
    drains.close();
    await pool.close({ code: 1001, reason: 'the edge is shutting down', graceMs });
    clearInterval(tick);
    clearInterval(renewal);
    guardian.close();
    clearInterval(second);
    closeListeners();
    book.close();
    named.close();
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
    servers,
    drains,
    gates,
    apply(next, nextCertificates = certificates) {
      const planned = planChange(plan, next);
      if (hasErrors(planned.diagnostics)) return planned;
      const renewed = !isDeepStrictEqual(nextCertificates, certificates);
      const change = renewed ? { ...planned, changed: [...planned.changed, 'certificates'] } : planned;
      if (renewed) {
        certificates = nextCertificates;
        tellCertificates();
      }
      if (change.changed.length === 0) {
        // The plan names the hooks module, and the module may be another one now: the workers look.
        if (plan.hooks !== null) pool.tellAll({ kind: 'apply', plan: named.resolved(plan), servers: book.lists() });
        return change;
      }
      // What cannot change in a running edge stays as it runs, so that the next comparison is with what is true.
      const overlay = overlayFindings(book.rows(), named.resolved(next));
      const goneRoutes = plan.routes.filter(({ name }) => !next.routes.some((route) => route.name === name));
      plan = { ...next, workers: plan.workers, control: plan.control };
      desk.apply(plan);
      drains.apply(plan);
      gates.apply(plan);
      named.apply(plan);
      const left = book.apply(named.resolved(plan));
      managed.apply(plan);
      pool.tellAll({ kind: 'apply', plan: named.resolved(plan), servers: book.lists() });
      servers.sweep(left);
      // A worker that dies meanwhile has taken its connections with it; there is nobody to tell.
      for (const { name } of goneRoutes)
        drains.start(drainOfRoute(name, `route ${name}, which the spec has no longer`)).catch(() => undefined);
      onEvent({ kind: 'reloaded', changed: change.changed });
      return { ...change, diagnostics: [...change.diagnostics, ...overlay] };
    },

    close({ graceMs = closeGraceMsDefault, deadlineMs = plan.drain.deadlineMs } = {}) {
      closing ??= close(graceMs, deadlineMs);
      return closing;
    },
    cut,
  };
}
