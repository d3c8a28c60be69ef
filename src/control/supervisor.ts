import type { Certificate } from '../gateway/contract.ts';
import type { SocketsWay } from '../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../plan/edge/model.ts';
import type { EndedRecord } from '../registry/history/ended.ts';
import { type ApplyOutcome, applyPlan, tellCertificates } from './change/apply.ts';
import { Current } from './change/current.ts';
import type { DrainDesk } from './drain/desk.ts';
import { drainEverybody } from './drain/of-edge.ts';
import type { Engine } from './engines/engine.ts';
import type { Gates } from './gates.ts';
import type { Succession, Upgrade } from './handover/upgrade.ts';
import { type BoundListener, bindListeners } from './listen/listeners.ts';
import type { PassedListener } from './listen/passed-listeners.ts';
import type { EdgeEventSink } from './log/notices.ts';
import { type EdgeParts, edgeParts } from './parts.ts';
import type { Inherited } from './succession/inherited.ts';
import type { Keeper, Past } from './succession/protocol.ts';
import type { SupervisorState } from './succession/state.ts';
import { type Outside, stateOf, takeUp } from './succession/written-state.ts';
import { workerEntry } from './workers/entry.ts';
import { reportEveryMs } from './workers/session.ts';
import { chooseSockets } from './workers/sockets.ts';
import { ticketSecretLifetimeMs } from './workers/ticket-keys.ts';

/** The edge as a whole: what the control API and the command line see of it. It holds no client's socket. */
export interface Supervisor extends Engine {
  /** Drains of whatever a filter names, and how far they are. */
  readonly drains: DrainDesk;
  readonly gates: Gates;
  readonly upgrade: Upgrade;

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

  /** The bound sockets, in the order of the plan. */
  readonly listeners: readonly BoundListener[];
  /** What another supervisor would begin with now. */
  kept(outside: Outside): SupervisorState;
  /** What has happened, in pieces. */
  past(): Iterable<Past>;
  /** After another supervisor: what has to follow. */
  resume(): void;
  /** Another supervisor goes on; here nothing happens any more, and nothing is ended. */
  leave(): void;
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
  /** Sockets of the service manager, for the addresses of the plan that they stand at. */
  readonly passed?: readonly PassedListener[];
  /** `public` keeps the workers to what Node documents. Default: `direct` where this Node can, which is tried at the start. */
  readonly sockets?: SocketsWay;
  readonly nowMs?: () => number;
  /** Aborting it ends everything at once, at whatever time: while it starts, then the start rejects, or later. */
  readonly signal?: AbortSignal;
  /** Whoever has the edge's processes, where a supervisor may follow this one. Left out: they are this process's own, and it stays. */
  readonly keeper?: Keeper;
  readonly succession?: Succession;
  /** This one takes over from another. */
  readonly inherited?: Inherited | null;
  /** Path of the worker's compiled entry; tests that run from the sources name it. */
  readonly workerEntry?: string;
}

/** Long enough for a close frame to cross the world and come back, short enough for whoever waits at the terminal. */
export const closeGraceMsDefault = 5000;

export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const nowMs = options.nowMs ?? Date.now;
  const { inherited = null } = options;
  const startedAtMs = inherited?.state.startedAtMs ?? nowMs();
  const current = new Current(options.plan, options.certificates);
  if (inherited !== null) current.keepTicketSecret(inherited.state.ticketSecret);
  const sockets = options.sockets ?? (await chooseSockets(options.onEvent));
  const listeners = inherited?.listeners ?? (await bind(options));
  const closeListeners = () => {
    for (const listener of listeners) listener.close();
  };
  const { tellsOpens = true, remembered = [] } = options;
  const { directory, env, onEvent } = options;
  const parts = edgeParts({
    current,
    listeners: listeners.map((listener) => listener.handle),
    sockets,
    directory,
    env,
    onEvent,
    tellsOpens,
    remembered,
    nowMs,
    keeper: options.keeper,
    succession: options.succession,
    inherited,
    workerEntry: options.workerEntry ?? workerEntry,
  });
  const { pool, managed, servers, drains, gates, chronicle, questions, workers, note } = parts;

  const cut = () => {
    parts.evens.close();
    pool.cut();
    parts.children.close();
    managed.cut();
  };
  options.signal?.addEventListener('abort', cut, { once: true });
  try {
    if (inherited === null) await bringUp(parts, current.plan, options.signal);
    else takeUp(parts, current, inherited);
  } catch (error) {
    pool.cut();
    await closeParts(parts);
    closeListeners();
    throw error;
  }
  const stopClocks = startClocks(parts, current);

  async function close(graceMs: number, deadlineMs: number): Promise<void> {
    parts.upgrade.close();
    gates.set({ route: null, closed: true });
    // Those of the plan, whatever the last report says: clients may have come since. Removed routes may hold some, too.
    const open = Object.entries(pool.totals().routes).flatMap(([name, { open }]) => (open > 0 ? [name] : []));
    const routes = new Set([...current.plan.routes.map(({ name }) => name), ...open]);
    if (deadlineMs > 0) await drainEverybody(drains, routes, deadlineMs);
    drains.close();
    parts.evens.close();
    await pool.close({ code: 1001, reason: 'the edge is shutting down', graceMs });
    stopClocks();
    closeListeners();
    await closeParts(parts);
  }
  let closing: Promise<void> | null = null;
  const addresses = listeners.map(({ host, port, socketPath }) => ({
    host,
    port,
    ...(socketPath === undefined ? {} : { socketPath }),
  }));

  return {
    addresses,
    listeners,
    startedAtMs,
    plan: () => current.plan,
    chronicle,
    note,
    ...questions,
    totals: () => pool.totals(),
    workers,
    silentWorkers: () => pool.silent().map((worker) => worker.pid),
    workerRestarts: () => pool.restarts,
    instances: () => managed.instances(),
    managed: () => managed.states(),
    restart: (upstream) => managed.restart(upstream, 'by command'),
    servers,
    rebalances: parts.rebalances,
    drains,
    gates,
    upgrade: parts.upgrade,
    even: (perSecond) => parts.evens.even({ perSecond }),
    apply: (next, certificates) => applyPlan(parts, current, next, certificates ?? null),
    close({ graceMs = closeGraceMsDefault, deadlineMs = current.plan.drain.deadlineMs } = {}) {
      closing ??= close(graceMs, deadlineMs);
      return closing;
    },
    cut,
    kept: (outside) => stateOf(parts, { current, startedAtMs, addresses }, outside),
    past: () => chronicle.kept(),
    resume() {
      parts.evens.resume();
      parts.evens.resize(current.plan.workers).catch(() => undefined);
    },
    leave() {
      options.signal?.removeEventListener('abort', cut);
      parts.upgrade.close();
      stopClocks();
      drains.leave();
      parts.evens.close();
      pool.hand();
      parts.book.close();
      parts.named.close();
      managed.hand();
    },
  };
}

function bind({ plan, passed = [], onEvent }: SupervisorOptions): Promise<BoundListener[]> {
  return bindListeners(
    plan.listen.map((listen) => listen.address),
    {
      passed,
      onUnused: ({ shown, name }) =>
        onEvent({ kind: 'socket-unused', socket: `${shown} (${name})`, why: 'the spec does not listen there' }),
    },
  );
}

/** The servers first: an edge that listens before they do would greet early clients with 502. */
async function bringUp(parts: EdgeParts, plan: EdgePlan, signal: AbortSignal | undefined): Promise<void> {
  const { named, book, managed, pool } = parts;
  signal?.throwIfAborted();
  named.apply(plan);
  book.apply(plan);
  managed.apply(plan);
  await Promise.all([managed.started(), named.started()]);
  signal?.throwIfAborted();
  await pool.start(plan.workers);
}

/** What the edge looks at again and again; returns what stops it. */
function startClocks(parts: EdgeParts, current: Current): () => void {
  const { pool, book, servers, managed, chronicle } = parts;
  const second = setInterval(() => chronicle.tick(), 1000);
  const report = setInterval(() => {
    pool.sharePeerLoads();
    // Of connections that go from one worker to another, the reports of two workers may both be silent: nobody is to be ended for that.
    if (pool.post.busy) return;
    const { openByServer } = pool.totals();
    book.tick({ openByServer, passive: pool.passiveSigns() });
    servers.sweepAgain(performance.now());
    parts.rebalances.look(performance.now());
    managed.tick(openByServer);
  }, reportEveryMs);
  const renewal = setInterval(() => {
    current.renewTicketSecret();
    tellCertificates(parts, current);
  }, ticketSecretLifetimeMs);
  return () => {
    for (const timer of [second, report, renewal]) clearInterval(timer);
  };
}

/** What is left when the workers have ended. */
async function closeParts({ children, book, named, managed }: EdgeParts): Promise<void> {
  children.close();
  book.close();
  named.close();
  await managed.close();
}
