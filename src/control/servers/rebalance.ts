import type { DrainOrder, DrainRate } from '../../base/drain.ts';
import { HoldlineError } from '../../base/error.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { type AutoState, type Excess, excessOf, nextAuto } from '../../policy/rebalance/excess.ts';
import type { DrainDesk } from '../drain/desk.ts';
import type { DrainPlace, DrainRequest, DrainRow } from '../drain/job.ts';
import { ownPace } from './desk.ts';
import type { ServerRow } from './entry.ts';

/** Who holds more than its share, and what becomes of the clients in question. */
export interface Rebalance {
  readonly upstream: string;
  readonly servers: readonly Excess[];
  /** Clients that get another server and stay connected, since their routes move. */
  readonly moves: number;
  /** Clients that are closed, so that they come back to another one. */
  readonly closes: number;
}

export interface RebalanceStarted extends Rebalance {
  /** null when there is nothing to do, or nothing was to be done. */
  readonly drain: DrainRow | null;
}

export interface RebalanceRequest {
  /** Default: the only one there is. */
  readonly upstream: string | null;
  readonly dryRun: boolean;
  readonly rate: DrainRate | null;
  /** Whose turn it is; null: who has been silent longest. */
  readonly order: DrainOrder | null;
}

export interface RebalanceDesk {
  /**
   * Throws `upstream-unknown`, `server-ambiguous` without a name where there are several, `rebalance-by-key`,
   * `drain-too-many`.
   */
  rebalance(request: RebalanceRequest): Promise<RebalanceStarted>;
}

export interface RebalanceDeskOptions {
  readonly plan: () => EdgePlan;
  readonly rows: () => readonly ServerRow[];
  readonly places: (request: DrainRequest) => Promise<readonly DrainPlace[]>;
  readonly drains: DrainDesk;
}

const newAuto: AutoState = { unevenSinceMs: null, lastEndedMs: Number.NEGATIVE_INFINITY };

export function rebalanceDesk({ plan, rows, places, drains }: RebalanceDeskOptions): RebalanceDesk & {
  /**
   * Called now and then, on the monotonic clock: begins where the spec says auto, and it is worth it for long enough.
   */
  look(nowMs: number): void;
} {
  const autos = new Map<string, AutoState>();

  const excessIn = (upstream: string) =>
    excessOf(
      rows()
        .filter((row) => row.upstream === upstream)
        .map(({ url, weight, share, connections, state }) => ({
          url,
          // One that starts slowly is not to be filled faster than new clients would.
          weight: weight * share,
          connections,
          takes: state === 'up',
        })),
    );

  /** The idlest of each server that has too many. */
  async function chosen(upstream: string, servers: readonly Excess[]): Promise<DrainPlace[]> {
    const found = await Promise.all(
      servers.map(async ({ url, excess }) => {
        const all = await places(request(upstream, { filter: { upstream, server: url }, ids: null, worker: null }));
        return [...all].sort((a, b) => b.idleMs - a.idleMs).slice(0, excess);
      }),
    );
    return found.flat();
  }

  function request(upstream: string, target: DrainRequest['target'], pace = ownPace): DrainRequest {
    return { ...pace, target, what: `rebalance of ${upstream}`, cause: 'drain', moves: 'rebalance' };
  }

  async function rebalance(upstream: string, asked: Omit<RebalanceRequest, 'upstream'>): Promise<RebalanceStarted> {
    const servers = excessIn(upstream);
    const concerned = await chosen(upstream, servers);
    const moving = new Set(plan().routes.flatMap((route) => (route.move === null ? [] : [route.name])));
    const moves = concerned.filter(({ route }) => moving.has(route)).length;
    const told = { upstream, servers, moves, closes: concerned.length - moves };
    if (asked.dryRun || concerned.length === 0) return { ...told, drain: null };
    const ids = concerned.map(({ id }) => id);
    const pace = { ...ownPace, rate: asked.rate, order: asked.order ?? 'idlest' };
    return { ...told, drain: await drains.start(request(upstream, { filter: { upstream }, ids, worker: null }, pace)) };
  }

  function named(name: string | null): string {
    const { upstreams } = plan();
    const found = name === null && upstreams.length === 1 ? upstreams[0] : upstreams.find((each) => each.name === name);
    if (found === undefined && name === null)
      throw new HoldlineError(
        'server-ambiguous',
        `there are the upstreams ${upstreams.map((each) => each.name).join(', ')}`,
      );
    if (found === undefined) throw new HoldlineError('upstream-unknown', `there is no upstream "${name}"`);
    if (found.balance.kind === 'hash')
      throw new HoldlineError('rebalance-by-key', `the servers of ${found.name} are chosen by ${found.balance.key.by}`);
    return found.name;
  }

  return {
    rebalance: async ({ upstream, ...asked }) => rebalance(named(upstream), asked),
    look(nowMs) {
      for (const { name, rebalance: mode } of plan().upstreams) {
        if (mode !== 'auto') continue;
        const next = nextAuto(autos.get(name) ?? newAuto, excessIn(name).length > 0, nowMs);
        autos.set(name, next.state);
        if (!next.begin) continue;
        // Too many drains at once: the next look finds it uneven still.
        rebalance(name, { dryRun: false, rate: null, order: null }).catch(() => autos.delete(name));
      }
    },
  };
}
