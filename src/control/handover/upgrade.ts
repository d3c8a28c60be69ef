import type { StayCounts } from '../../base/stay-cause.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { Evening } from './evening.ts';
import { tryOnDisk } from './probation.ts';

/** How far the exchange of the workers is. */
export interface UpgradeState {
  readonly phase: 'none' | 'probation' | 'exchange' | 'done' | 'would' | 'kept' | 'cancelled';
  /** Of the workers from before, and of the code on disk as far as it is known. */
  readonly from: string | null;
  readonly to: string | null;
  /** Why everything stayed as it was. */
  readonly problem: string | null;
  readonly workers: number;
  readonly exchanged: number;
  readonly moved: number;
  readonly stayed: Readonly<StayCounts>;
}

export interface UpgradeRequest {
  /** Only tries the code on disk. */
  readonly dryRun: boolean;
  /** How long the code on disk is tried, milliseconds. */
  readonly probationMs: number;
  /** Connections a second; null for as fast as it goes. */
  readonly perSecond: number | null;
}

/** Exchanges the workers for ones of the code on disk, under live connections. */
export interface Upgrade {
  /** Begins, unless one is under way. Returns how far that is. */
  start(request: UpgradeRequest): UpgradeState;
  state(): UpgradeState;
  /** Stops before the next worker. Those that were exchanged stay. */
  cancel(): UpgradeState;
}

export const probationMsDefault = 10_000;

const none: UpgradeState = {
  phase: 'none',
  from: null,
  to: null,
  problem: null,
  workers: 0,
  exchanged: 0,
  moved: 0,
  stayed: {},
};

export function workerUpgrade(options: {
  readonly pool: WorkerPool;
  readonly evens: Evening;
  readonly onEvent: EdgeEventSink;
}): Upgrade {
  const { pool, evens, onEvent } = options;
  let state = none;
  let cancelled = false;
  const isRunning = () => state.phase === 'probation' || state.phase === 'exchange';

  function enter(change: Partial<UpgradeState>): void {
    const before = state.phase;
    state = { ...state, ...change };
    const { phase, from, to, problem, exchanged } = state;
    if (phase !== before && phase !== 'none') onEvent({ kind: 'upgrade', phase, from, to, problem, exchanged });
  }

  async function run(request: UpgradeRequest): Promise<void> {
    const verdict = await tryOnDisk({ start: pool.trial, forMs: request.probationMs });
    if (!verdict.ok) return enter({ phase: 'kept', to: verdict.version, problem: verdict.problem });
    if (cancelled) return enter({ phase: 'cancelled', to: verdict.version });
    if (request.dryRun) return enter({ phase: 'would', to: verdict.version });
    enter({ phase: 'exchange', to: verdict.version });
    const outcome = await evens.exchange({
      perSecond: request.perSecond,
      goesOn: () => !cancelled,
      onExchanged: ({ moved, stayed }) => {
        const sum: StayCounts = { ...state.stayed };
        for (const [cause, count] of Object.entries(stayed)) sum[cause] = (sum[cause] ?? 0) + count;
        enter({ exchanged: state.exchanged + 1, moved: state.moved + moved, stayed: sum });
      },
    });
    if (outcome !== null) enter({ phase: 'kept', problem: outcome });
    else enter({ phase: cancelled ? 'cancelled' : 'done' });
  }

  return {
    state: () => state,
    start(request) {
      if (isRunning()) return state;
      cancelled = false;
      state = none;
      // Those that leave are of an exchange before this one.
      const workers = pool.ready().filter((worker) => !pool.retiring().includes(worker));
      enter({ phase: 'probation', from: workers[0]?.loaded?.version ?? null, workers: workers.length });
      run(request).catch((error: Error) => enter({ phase: 'kept', problem: error.message }));
      return state;
    },
    cancel() {
      if (isRunning()) cancelled = true;
      return state;
    },
  };
}
