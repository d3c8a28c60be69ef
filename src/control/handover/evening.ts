import type { StayCounts } from '../../base/stay-cause.ts';
import { commonVersion } from '../../gateway/handover/fields.ts';
import { stateVersions } from '../../gateway/handover/state.ts';
import { evenTransfers, leavingTransfers, type Transfer, type WorkerLoad } from '../../policy/balance/even.ts';
import { openIn } from '../../registry/totals.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { WorkerProcess } from '../workers/process.ts';

export interface HandedOver {
  readonly moved: number;
  /** By what keeps them. */
  readonly stayed: Readonly<StayCounts>;
}

/**
 * Moves connections between workers, and lets workers come and go without dropping anybody. One thing after the other.
 */
export interface Evening {
  /** Until every worker holds the same number of connections, as far as they can be handed over. */
  even(options?: { readonly perSecond?: number | null; readonly why?: string }): Promise<HandedOver>;
  /** As many workers as that from now on; those that leave give their connections to the others first. */
  resize(workers: number): Promise<void>;
  /**
   * A new worker in place of each that runs, one after the other. Returns null, or why it stopped: those that run then
   * go on.
   */
  exchange(options: WorkerExchange): Promise<string | null>;
  /** What a worker that is to leave could not give away, by process id. */
  stayedOn(pid: number): Readonly<StayCounts>;
  /** After another supervisor: those that it has sent away try on. */
  resume(): void;
  /** Resolves once nothing moves, and nothing begins to after that. */
  quiet(): Promise<void>;
  close(): void;
}

export interface WorkerExchange {
  readonly perSecond: number | null;
  /** Asked before each worker. */
  readonly goesOn: () => boolean;
  readonly onExchanged: (handed: HandedOver) => void;
}

/** A new worker carries this share of the first one's connections for a while, before it gets the rest. */
const firstShare = 0.05;
const firstShareMs = 1000;
/** How long a reader that is behind has for what waits for it, before it is left where it is. */
const waitMs = 5000;
/** A worker that leaves tries again to give away what has stayed. */
const againMs = 2000;
/** After a worker was replaced: its clients have come back by then, those that do so at once. */
const settleMs = 5000;

export function evening(options: {
  readonly pool: WorkerPool;
  /** How many workers there should be. */
  readonly wanted: () => number;
  readonly onEvent: EdgeEventSink;
}): Evening & {
  readonly onReplaced: () => void;
} {
  const { pool, wanted, onEvent } = options;
  const stayed = new Map<number, HandedOver['stayed']>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;
  let line: Promise<unknown> = Promise.resolve();

  function later(ms: number, act: () => void): void {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  }

  /** One thing after the other: the counts that one begins with are those that the one before has left. */
  function inLine<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = line.then(act);
    line = done.catch(() => undefined);
    return done;
  }

  const isHere = (worker: WorkerProcess) => pool.ready().includes(worker);
  const staying = () => pool.ready().filter((worker) => !pool.retiring().includes(worker));

  async function carryOut(transfers: readonly Transfer[], perSecond: number | null): Promise<HandedOver> {
    const byPid = new Map(pool.ready().map((worker) => [worker.pid, worker]));
    const givers = [...new Set(transfers.map(({ from }) => from))];
    const results = await Promise.all(
      givers.map((pid) => {
        const own = transfers.filter(({ from }) => from === pid);
        const destinations = own.flatMap(({ to, count }) => {
          const worker = byPid.get(to);
          return worker === undefined ? [] : [{ to: worker, quota: count }];
        });
        const count = own.reduce((sum, each) => sum + each.count, 0);
        return giveTo(byPid.get(pid), destinations, count, perSecond);
      }),
    );
    return {
      moved: results.reduce((sum, { moved }) => sum + moved, 0),
      stayed: results.reduce((sum, each) => addCauses(sum, each.stayed), {}),
    };
  }

  async function giveTo(
    from: WorkerProcess | undefined,
    destinations: readonly { readonly to: WorkerProcess; readonly quota: number }[],
    count: number | null,
    perSecond: number | null,
  ): Promise<HandedOver> {
    if (from === undefined || destinations.length === 0) return { moved: 0, stayed: {} };
    const version = versionFor([from, ...destinations.map(({ to }) => to)]);
    if (version === null) return { moved: 0, stayed: { state: count ?? openOf(from).connections } };
    const open = destinations.map(({ to, quota }) => ({ to, quota }));
    return pool.post.give({ from, destinations: open, count, version, waitMs, perSecond });
  }

  async function leave(worker: WorkerProcess, to = staying, perSecond: number | null = null): Promise<HandedOver> {
    pool.retire(worker);
    const startedMs = performance.now();
    const given = await giveAll(worker, to, perSecond);
    onEvent({
      kind: 'handed-over',
      why: `from worker ${worker.pid}, which leaves`,
      ...given,
      elapsedMs: performance.now() - startedMs,
    });
    tryAgain(worker);
    return given;
  }

  async function exchange({ perSecond, goesOn, onExchanged }: WorkerExchange): Promise<string | null> {
    const fresh: WorkerProcess[] = [];
    for (const old of staying()) {
      if (!goesOn()) return null;
      // The pool has replaced it, and what starts now runs the code on disk.
      if (!isHere(old)) continue;
      const next = await pool.add();
      const first = Math.ceil(openOf(old).connections * firstShare);
      const tried = fresh.length === 0 ? await giveTo(old, [{ to: next, quota: first }], first, perSecond) : nobody;
      await new Promise((resolve) => setTimeout(resolve, fresh.length === 0 ? firstShareMs : 0));
      if (!isHere(next)) return `the new worker died with the first ${tried.moved} connections`;
      pool.settle(next);
      fresh.push(next);
      const given = isHere(old) ? await leave(old, () => fresh.filter(isHere), perSecond) : nobody;
      onExchanged({ moved: tried.moved + given.moved, stayed: given.stayed });
    }
    await trim(perSecond);
    await even(perSecond, 'to even out the new workers');
    return null;
  }

  /**
   * A worker that died while another one took its place has been replaced all the same: then there is one more than
   * there should be.
   */
  async function trim(perSecond: number | null = null): Promise<void> {
    for (let now = staying(); now.length > wanted(); now = staying()) {
      const [fewest] = [...now].sort((a, b) => openOf(a).connections - openOf(b).connections);
      await leave(fewest!, staying, perSecond);
    }
  }

  async function giveAll(worker: WorkerProcess, to = staying, perSecond: number | null = null): Promise<HandedOver> {
    const takers = to();
    const transfers = leavingTransfers(openOf(worker), takers.map(openOf));
    const quotas = new Map(transfers.map(({ to, count }) => [to, count]));
    // More may have come since the last report: whoever is left over goes anywhere.
    const destinations = takers.map((to) => ({
      to,
      quota: (quotas.get(to.pid) ?? 0) + Number.MAX_SAFE_INTEGER / 2,
    }));
    const given = await giveTo(worker, destinations, null, perSecond);
    stayed.set(worker.pid, given.stayed);
    return given;
  }

  function tryAgain(worker: WorkerProcess): void {
    later(againMs, () => {
      if (!pool.ready().includes(worker)) stayed.delete(worker.pid);
      else void inLine(() => giveAll(worker)).then(() => tryAgain(worker));
    });
  }

  /** Those that another supervisor has sent away try on here. */
  function resume(): void {
    for (const worker of pool.retiring()) tryAgain(worker);
  }

  async function even(perSecond: number | null, why: string): Promise<HandedOver> {
    const startedMs = performance.now();
    const result = await carryOut(evenTransfers(staying().map(openOf)), perSecond);
    if (result.moved > 0) onEvent({ kind: 'handed-over', why, ...result, elapsedMs: performance.now() - startedMs });
    return result;
  }

  async function resize(count: number): Promise<void> {
    const missing = count - staying().length;
    for (let i = 0; i < missing; i++) pool.settle(await pool.add());
    await trim();
    if (missing > 0) await even(null, `to ${missing === 1 ? 'a new worker' : `${missing} new workers`}`);
  }

  return {
    even: ({ perSecond = null, why = 'to even out the workers' } = {}) => inLine(() => even(perSecond, why)),
    exchange: (options) => inLine(() => exchange(options)),
    resume,
    resize: (workers) => inLine(() => resize(workers)),
    stayedOn: (pid) => stayed.get(pid) ?? {},
    onReplaced: () =>
      later(settleMs, () => void inLine(() => trim().then(() => even(null, 'to the worker that was replaced')))),
    async quiet() {
      await line;
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const nobody: HandedOver = { moved: 0, stayed: {} };

function openOf(worker: WorkerProcess): WorkerLoad {
  return { worker: worker.pid, connections: worker.report === null ? 0 : openIn(worker.report.totals) };
}

/** The newest that all of them know: whoever reads a version also writes it. */
function versionFor(workers: readonly WorkerProcess[]): number | null {
  return workers.reduce<number | null>((version, { loaded }) => {
    if (version === null || loaded?.reads == null) return null;
    return commonVersion({ oldest: stateVersions.oldest, newest: version }, loaded.reads);
  }, stateVersions.newest);
}

function addCauses(a: HandedOver['stayed'], b: HandedOver['stayed']): HandedOver['stayed'] {
  const sum: StayCounts = { ...a };
  for (const [cause, count] of Object.entries(b)) sum[cause] = (sum[cause] ?? 0) + count;
  return sum;
}
