import { deferred } from '../../base/deferred.ts';
import { closesPerSecond, type DrainOrder, type DrainRate } from '../../base/drain.ts';
import { HoldlineError } from '../../base/error.ts';
import type { MoveReason } from '../../base/move.ts';
import type { CloseRequest } from '../../gateway/contract.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import { newBudget, shareBudget } from '../../policy/drain/budget.ts';
import { inDrainOrder } from '../../policy/drain/order.ts';
import {
  cancelPace,
  newPace,
  paceDue,
  paceEarned,
  paceLater,
  paceMissed,
  paceMore,
  paceProgress,
} from '../../policy/pacing/pace.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import {
  type DrainJob,
  type DrainPlace,
  type DrainRequest,
  type DrainRow,
  type KeptDrains,
  type LostPlaces,
  movesOf,
} from './job.ts';
import { LostServers } from './lost.ts';

/**
 * All drains of the edge. They share one reconnect budget, so that two of them close no more a second than the servers
 * can greet.
 */
export interface DrainDesk {
  /** Lists who is concerned, and begins. */
  start(request: DrainRequest): Promise<DrainRow>;
  /**
   * Gives these their turns: those that are closed at the pace of their routes, those that move as fast as the budget
   * allows.
   */
  lost(loss: LostPlaces): void;
  rows(): DrainRow[];
  get(id: string): DrainRow | undefined;
  /**
   * Stops it where it is. Returns undefined for an unknown one. Throws `drain-needed` for clients of a lost server,
   * which cannot stay.
   */
  cancel(id: string): DrainRow | undefined;
  /** Resolves when it is over, one way or the other. */
  ended(id: string): Promise<DrainRow>;
  /** The budget and the routes' settings are those of this plan from now on. */
  apply(plan: EdgePlan): void;
  close(): void;
  /** Where they are, for another supervisor. */
  kept(): KeptDrains;
  /** Here they stand still from now on. */
  leave(): void;
  /** Goes on where another one was. */
  restore(kept: KeptDrains): void;
}

export interface DrainDeskOptions {
  readonly plan: EdgePlan;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Connections that match, over all workers. */
  readonly list: (request: DrainRequest) => Promise<readonly DrainPlace[]>;
  /** Closes or moves those of one worker; returns how many of them were still open. A worker that is gone answers 0. */
  readonly closeOn: (
    worker: number,
    ids: readonly string[],
    request: CloseRequest,
    moves: MoveReason | null,
  ) => Promise<number>;
  readonly onEvent: EdgeEventSink;
}

/**
 * Closes come in small groups at uneven distances, 25 to 75 ms: even ones would make the reconnects of a crowd fall in
 * step.
 */
const tickMinMs = 25;
const tickSpreadMs = 50;
/** Drains that are over are shown for a while: the last so many. */
const endedMax = 50;
/** Each running one holds a list of its connections. */
const runningMax = 32;

export function drainDesk(options: DrainDeskOptions): DrainDesk {
  const { nowMs, monotonicMs } = options;
  const jobs = new Map<string, DrainJob>();
  let { plan } = options;
  let budget = newBudget(plan.drain.budgetPerSecond, monotonicMs());
  let timer: NodeJS.Timeout | null = null;
  let lastNumber = 0;
  let closed = false;

  const routeOf = (name: string): RouteSpec | undefined => plan.routes.find((route) => route.name === name);
  /** Settings of routes that a reload has removed, for the drain of what they left. */
  let goneRoutes = new Map<string, RouteSpec>();
  const settingsOf = (name: string) => (routeOf(name) ?? goneRoutes.get(name))?.drain;
  const running = () => [...jobs.values()].filter((job) => job.pace.endedMs === null);
  const lostServers = new LostServers(beginLost);

  function wake(): void {
    if (timer !== null || closed || running().length === 0) return;
    timer = setTimeout(tick, tickMinMs + tickSpreadMs * options.random());
  }

  function tick(): void {
    timer = null;
    const now = monotonicMs();
    const active = running();
    const shares = shareBudget(
      budget,
      active.map((job) => paceEarned(job.pace, now)),
      now,
    );
    for (const [index, job] of active.entries()) closeSome(job, paceDue(job.pace, now, shares[index]));
    wake();
  }

  function closeSome(job: DrainJob, count: number): void {
    const groups = new Map<string, { worker: number; request: CloseRequest; ids: string[] }>();
    for (const place of job.waiting.splice(0, count)) {
      const request = closeRequest(job.request, place);
      const key = `${place.worker} ${request.code} ${request.reason}`;
      const group = groups.get(key) ?? { worker: place.worker, request, ids: [] };
      groups.set(key, group);
      group.ids.push(place.id);
    }
    for (const { worker, request, ids } of groups.values()) {
      job.asked++;
      void options
        .closeOn(worker, ids, request, movesOf(job.request))
        // A worker that is gone has taken its connections with it.
        .catch(() => 0)
        .then((found) => {
          job.asked--;
          paceMissed(job.pace, ids.length - found);
          settle(job);
        });
    }
    settle(job);
  }

  function closeRequest(request: DrainRequest, place: DrainPlace): CloseRequest {
    const own = settingsOf(place.route);
    return {
      code: request.code ?? own?.code ?? 1012,
      reason: request.reason ?? own?.reason ?? '',
      cause: request.cause,
      by: 'operator',
    };
  }

  function settle(job: DrainJob): void {
    if (job.told || job.asked > 0 || job.pace.endedMs === null) return;
    job.told = true;
    const row = rowOf(job);
    job.settled.resolve(row);
    const { id, what, state, total, closed: closes, gone, elapsedMs } = row;
    options.onEvent({ kind: 'drain-ended', drain: id, what, state, total, closed: closes, gone, elapsedMs });
    const over = [...jobs.values()].filter((each) => each.told);
    for (const old of over.slice(0, Math.max(0, over.length - endedMax))) jobs.delete(old.id);
  }

  function begin(request: DrainRequest, places: readonly DrainPlace[]): DrainRow {
    const order: DrainOrder = request.order ?? settingsOf(places[0]?.route ?? '')?.order ?? 'oldest';
    const waiting = inDrainOrder(places, order, options.random);
    const job: DrainJob = {
      id: `d${++lastNumber}`,
      request,
      order,
      pace: newPace(waiting.length, rateOf(request, waiting), monotonicMs()),
      startedAtMs: nowMs(),
      waiting,
      asked: 0,
      settled: deferred(),
      told: false,
    };
    jobs.set(job.id, job);
    const { id, what, total, ratePerSecond } = rowOf(job);
    options.onEvent({ kind: 'drain-started', drain: id, what, total, ratePerSecond, order });
    settle(job);
    if (timer === null && !closed) tick();
    return rowOf(job);
  }

  function beginLost(request: DrainRequest, places: readonly DrainPlace[]): void {
    const known = running().find(({ request: { cause, what } }) => cause === 'server-lost' && what === request.what);
    if (known === undefined) {
      begin(request, places);
      return;
    }
    for (const place of places) known.waiting.push(place);
    paceMore(known.pace, places.length);
  }

  /**
   * Of several routes the slowest pace holds: what one of them cannot take must not be done to it for the sake of
   * another.
   */
  function rateOf({ rate }: DrainRequest, places: readonly DrainPlace[]): number {
    const routes = new Set(places.map((place) => place.route));
    const rates = rate !== null ? [rate] : [...routes].flatMap((route) => settingsOf(route)?.rate ?? []);
    const perSecond = Math.min(...rates.map((each: DrainRate) => closesPerSecond(each, places.length)));
    return Number.isFinite(perSecond) ? perSecond : plan.drain.budgetPerSecond;
  }

  function rowOf(job: DrainJob): DrainRow {
    const { id, request, order, pace, startedAtMs } = job;
    const { what, cause, code, reason } = request;
    const { ratePerSecond } = pace;
    return { id, what, cause, ratePerSecond, order, code, reason, startedAtMs, ...paceProgress(pace, monotonicMs()) };
  }

  return {
    async start(request) {
      // What is lost has to be sent on, however many drains there are.
      if (running().filter(({ request: { cause } }) => cause !== 'server-lost').length >= runningMax)
        throw new HoldlineError('drain-too-many', `${runningMax} drains are running already`);
      return begin(request, await options.list(request));
    },
    lost: (loss) => lostServers.add(loss, loss.moves ? { perSecond: plan.drain.budgetPerSecond } : null),
    rows: () => [...jobs.values()].map(rowOf),
    get: (id) => {
      const job = jobs.get(id);
      return job === undefined ? undefined : rowOf(job);
    },
    cancel(id) {
      const job = jobs.get(id);
      if (job === undefined) return undefined;
      if (job.request.cause === 'server-lost' && job.pace.endedMs === null)
        throw new HoldlineError('drain-needed', `${id} is of ${job.request.what}`);
      cancelPace(job.pace, monotonicMs());
      job.waiting.length = 0;
      settle(job);
      return rowOf(job);
    },
    ended: (id) =>
      jobs.get(id)?.settled.promise ?? Promise.reject(new HoldlineError('drain-unknown', `no drain ${id}`)),
    apply(next) {
      for (const route of plan.routes) goneRoutes.set(route.name, route);
      goneRoutes = new Map([...goneRoutes].slice(-1000));
      if (next.drain.budgetPerSecond !== plan.drain.budgetPerSecond)
        budget = newBudget(next.drain.budgetPerSecond, monotonicMs());
      plan = next;
    },
    leave() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
    },
    kept() {
      lostServers.flush();
      const kept = [...jobs.values()].map(({ id, request, order, pace, startedAtMs, waiting, told }) => ({
        id,
        request,
        order,
        pace: { ...pace },
        startedAtMs,
        waiting: [...waiting],
        told,
      }));
      return { lastNumber, monotonicMs: monotonicMs(), jobs: kept };
    },
    restore(kept) {
      lastNumber = kept.lastNumber;
      const laterMs = monotonicMs() - kept.monotonicMs;
      for (const { pace, waiting, ...each } of kept.jobs)
        jobs.set(each.id, {
          ...each,
          pace: paceLater(pace, laterMs),
          waiting: [...waiting],
          asked: 0,
          settled: deferred(),
        });
      // What was over when it was written has been told of.
      for (const job of jobs.values()) settle(job);
      wake();
    },
    close() {
      closed = true;
      lostServers.close();
      if (timer !== null) clearTimeout(timer);
      for (const job of running()) {
        cancelPace(job.pace, monotonicMs());
        job.waiting.length = 0;
        settle(job);
      }
    },
  };
}
