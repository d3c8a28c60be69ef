import { randomBytes } from 'node:crypto';
import type { RawListener } from '../gateway/inside/listener.ts';
import type { SocketsWay } from '../gateway/tunnel/sockets-way.ts';
import type { EndedRecord } from '../registry/history/ended.ts';
import { openIn } from '../registry/totals.ts';
import type { Current } from './change/current.ts';
import { type SharedDesk, sharedDesk } from './desk/shared.ts';
import { type DrainDesk, drainDesk } from './drain/desk.ts';
import { closeWhereTheyAre, listPlaces } from './drain/of-edge.ts';
import { edgeGates, type Gates } from './gates.ts';
import { type Evening, evening } from './handover/evening.ts';
import { edgeUpgrade, type Succession, type Upgrade } from './handover/upgrade.ts';
import { type Chronicle, chronicle } from './history/chronicle.ts';
import { workerRoster } from './history/roster.ts';
import type { EdgeEventSink } from './log/notices.ts';
import { unreachableOnce } from './log/unreachable.ts';
import { controlVariable } from './managed/control-variable.ts';
import { type ManagedUpstreams, managedUpstreams } from './managed/upstreams.ts';
import { type NamedServers, startNamedServers } from './names/addresses.ts';
import type { Children } from './processes/child.ts';
import { localChildren } from './processes/local.ts';
import { type ServerBook, serverBook } from './servers/book.ts';
import { type ServerDesk, type ServerSweeps, serverDesk } from './servers/desk.ts';
import { rebalanceDesk } from './servers/rebalance.ts';
import type { Inherited } from './succession/inherited.ts';
import type { Keeper } from './succession/protocol.ts';
import { type WorkerPool, workerPool } from './workers/pool.ts';
import { edgeQuestions, type WorkerQuestions } from './workers/questions.ts';
import { heaviest, type WorkerStatus, workerState } from './workers/state.ts';

/** What an edge consists of. Each part knows its own business; who tells whom of what stands here. */
export interface EdgeParts {
  readonly managed: ManagedUpstreams;
  readonly named: NamedServers;
  readonly book: ServerBook;
  readonly drains: DrainDesk;
  readonly servers: ServerDesk & ServerSweeps;
  readonly rebalances: ReturnType<typeof rebalanceDesk>;
  readonly gates: Gates;
  readonly desk: SharedDesk;
  readonly children: Children;
  readonly stickyKey: string;
  readonly pool: WorkerPool;
  readonly evens: Evening;
  readonly upgrade: Upgrade;
  readonly questions: WorkerQuestions;
  readonly chronicle: Chronicle;
  workers(): readonly WorkerStatus[];
  /** Tells the log and the chronicle. */
  readonly note: EdgeEventSink;
}

export interface EdgePartsOptions {
  readonly current: Current;
  readonly listeners: readonly RawListener[];
  readonly sockets: SocketsWay;
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent: EdgeEventSink;
  readonly tellsOpens: boolean;
  readonly remembered: readonly EndedRecord[];
  readonly nowMs: () => number;
  /** Left out: this process starts them. */
  readonly keeper?: Keeper | undefined;
  readonly succession?: Succession | undefined;
  /** What another supervisor has left; null where this one is the first. */
  readonly inherited: Inherited | null;
  /** Path of the worker's compiled entry. */
  readonly workerEntry: string;
}

/** Makes the parts and connects them; none has started anything. */
export function edgeParts(options: EdgePartsOptions): EdgeParts {
  const { current, nowMs, workerEntry } = options;
  const { keeper, inherited } = options;
  const children = keeper?.children ?? localChildren();
  const stickyKey = inherited?.state.stickyKey ?? randomBytes(32).toString('base64url');
  const isToldOf = unreachableOnce();
  const note: EdgeEventSink = (event) => {
    if (!isToldOf(event, nowMs())) return;
    told.note(event);
    options.onEvent(event);
  };
  const clocks = { nowMs, monotonicMs: () => performance.now(), random: Math.random, onEvent: note };

  const managed = managedUpstreams({
    directory: options.directory,
    children,
    env: { ...options.env, ...controlVariable(current.plan) },
    nowMs,
    monotonicMs: clocks.monotonicMs,
    onEvent: note,
    onServers: (upstream, list) => book.setManaged(upstream, list),
    checkOf: (upstream, url) => book.find(upstream, url)?.check ?? null,
    drain: (upstream, url) => servers.retire(upstream, url),
    kept: inherited?.state.managed ?? [],
  });
  const book = serverBook({
    ...clocks,
    onList: (upstream, list) => pool.tellAll({ kind: 'set-servers', upstream, servers: list }),
  });
  const named = startNamedServers({ onEvent: note, onChange: () => book.apply(named.resolved(current.plan)) });
  const drains = drainDesk({
    ...clocks,
    plan: current.plan,
    list: (request) => listPlaces(pool, request),
    closeOn: (worker, ids, request, moves) => closeWhereTheyAre(pool, worker, { ids, request, moves }),
  });
  const servers = serverDesk({ plan: () => current.plan, book, drains });
  const rebalances = rebalanceDesk({
    plan: () => current.plan,
    rows: () => book.rows(),
    places: (request) => listPlaces(pool, request),
    drains,
  });
  const gates = edgeGates({
    plan: current.plan,
    clients: () => openIn(pool.totals()),
    onEvent: note,
    onChange: (gate) => pool.tellAll({ kind: 'gate', gate }),
  });
  const desk = sharedDesk(current.plan);
  const pool = workerPool({
    entry: workerEntry,
    children,
    stickyKey,
    onNoted: (worker, leaving) => keeper?.note(worker.kept().child, { ...worker.kept(), report: null, leaving }),
    listeners: options.listeners,
    nowMs,
    newIdPrefix: idPrefixes(nowMs()),
    state: () => ({
      plan: named.resolved(current.plan),
      servers: book.lists(),
      certificates: current.certificates,
      gate: gates.state(),
      tellsOpens: options.tellsOpens,
      sockets: options.sockets,
    }),
    onEvent: note,
    desk,
    onServerLost: (worker, { places, ...loss }) =>
      drains.lost({ ...loss, places: places.map((place) => ({ ...place, worker })) }),
    onReplaced: () => evens.onReplaced(),
  });
  const evens = evening({ pool, wanted: () => current.plan.workers, onEvent: note });
  const upgrade = edgeUpgrade({
    pool,
    evens,
    onEvent: note,
    succession: options.succession ?? null,
    first: inherited?.upgrade ?? null,
  });

  const questions = edgeQuestions(pool, nowMs);
  const workers = () =>
    pool
      .ready()
      .map((worker) =>
        workerState(worker, { retiring: pool.retiring().includes(worker), stayed: evens.stayedOn(worker.pid) }),
      );
  const told = chronicle({
    nowMs,
    read: () => ({ totals: pool.totals(), ...heaviest(workers()) }),
    survivors: questions.survivors,
    roster: workerRoster(pool, nowMs),
    onLost: (ended) => note({ kind: 'close', atMs: ended.endedAtMs, ended }),
    onIncident: (incident) => note({ kind: 'incident', incident }),
  });
  told.remember(options.remembered);

  return {
    managed,
    named,
    book,
    drains,
    servers,
    rebalances,
    gates,
    desk,
    children,
    stickyKey,
    pool,
    evens,
    upgrade,
    questions,
    chronicle: told,
    workers,
    note,
  };
}

/**
 * One for each worker: no two edges start in the same millisecond on one machine, and no two workers of an edge share a
 * number.
 */
function idPrefixes(startedAtMs: number): () => string {
  let number = 0;
  return () => `${startedAtMs.toString(36)}-${(++number).toString(36)}`;
}
