import type { StayCounts } from '../../base/stay-cause.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import type { WorkerPool } from '../workers/pool.ts';
import type { Evening } from './evening.ts';
import { tryOnDisk, type Verdict } from './probation.ts';

/** How far the exchange of the workers is. */
export interface UpgradeState {
  readonly phase: 'none' | 'probation' | 'supervisor' | 'exchange' | 'done' | 'would' | 'kept' | 'cancelled';
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

export function isUnderWay(phase: UpgradeState['phase']): boolean {
  return phase === 'probation' || phase === 'supervisor' || phase === 'exchange';
}

export interface UpgradeRequest {
  /** Only tries the code on disk. */
  readonly dryRun: boolean;
  /** How long the code on disk is tried, milliseconds. */
  readonly probationMs: number;
  /** Connections a second; null for as fast as it goes. */
  readonly perSecond: number | null;
}

/** How one supervisor makes way for the next. */
export interface Succession {
  /** Has the code on disk try itself: as a supervisor that has charge of nothing, and as a worker. */
  tryOut(probationMs: number): Promise<Verdict>;
  /** What has to be over before; null for nothing. */
  obstacle(): string | null;
  /** Ends the one that was tried. */
  dismiss(): void;
  /**
   * Gives the edge to the one that was tried. Rejects with why that cannot be; otherwise this supervisor's time is
   * over.
   */
  hand(perSecond: number | null): Promise<void>;
  /** Of one that has taken over: it stays. */
  settled(): void;
  /** Of one that has taken over: the one before it goes on. */
  giveBack(why: string): void;
}

/** Exchanges the edge for the code on disk, under live connections. */
export interface Upgrade {
  /** Begins, unless one is under way. Returns how far that is. */
  start(request: UpgradeRequest): UpgradeState;
  state(): UpgradeState;
  /** Stops before the next worker. Those that were exchanged stay. */
  cancel(): UpgradeState;
  /** This supervisor has taken over from one of version `from`: the workers follow. */
  follow(from: string, to: string, perSecond: number | null): void;
  /** The edge ends, or another supervisor goes on. */
  close(): void;
}

export const probationMsDefault = 10_000;

/** The state where none has begun. */
export const noUpgrade: UpgradeState = {
  phase: 'none',
  from: null,
  to: null,
  problem: null,
  workers: 0,
  exchanged: 0,
  moved: 0,
  stayed: {},
};

/** Without a succession the supervisor stays, and only workers are exchanged. */
export function edgeUpgrade(options: {
  readonly pool: WorkerPool;
  readonly evens: Evening;
  readonly onEvent: EdgeEventSink;
  readonly succession: Succession | null;
  /** What is said of the exchange that this supervisor came with. */
  readonly first: UpgradeState | null;
}): Upgrade {
  const { pool, evens, onEvent, succession } = options;
  let state = options.first ?? noUpgrade;
  let over = false;
  let cancelled = false;
  const isRunning = () => isUnderWay(state.phase);

  function enter(change: Partial<UpgradeState>): void {
    if (over) return;
    const before = state.phase;
    state = { ...state, ...change };
    const { phase, from, to, problem, exchanged } = state;
    if (phase !== before && phase !== 'none') onEvent({ kind: 'upgrade', phase, from, to, problem, exchanged });
  }

  async function run(request: UpgradeRequest): Promise<void> {
    const verdict =
      succession === null
        ? await tryOnDisk({ start: pool.trial, forMs: request.probationMs })
        : await succession.tryOut(request.probationMs);
    if (!verdict.ok) return enter({ phase: 'kept', to: verdict.version, problem: verdict.problem });
    if (cancelled || request.dryRun) {
      succession?.dismiss();
      return enter({ phase: cancelled ? 'cancelled' : 'would', to: verdict.version });
    }
    if (succession === null) {
      enter({ phase: 'exchange', to: verdict.version });
      const problem = await exchange(request.perSecond);
      return problem === null ? enter({ phase: cancelled ? 'cancelled' : 'done' }) : enter({ phase: 'kept', problem });
    }
    const obstacle = succession.obstacle();
    if (obstacle !== null) {
      succession.dismiss();
      return enter({ phase: 'kept', to: verdict.version, problem: obstacle });
    }
    enter({ phase: 'supervisor', to: verdict.version });
    await evens.quiet();
    // What is said from here on is the other one's to say.
    over = true;
    await succession.hand(request.perSecond).catch((error: unknown) => {
      over = false;
      throw error;
    });
  }

  /** The supervisor that has taken over goes on with the workers. */
  async function follow(perSecond: number | null): Promise<void> {
    const problem = await exchange(perSecond).catch((error: Error) => error.message);
    if (over) return;
    if (problem !== null) {
      over = true;
      return succession?.giveBack(problem);
    }
    succession?.settled();
    enter({ phase: cancelled ? 'cancelled' : 'done' });
  }

  async function exchange(perSecond: number | null): Promise<string | null> {
    return evens.exchange({
      perSecond,
      goesOn: () => !cancelled,
      onExchanged: ({ moved, stayed }) => {
        const sum: StayCounts = { ...state.stayed };
        for (const [cause, count] of Object.entries(stayed)) sum[cause] = (sum[cause] ?? 0) + count;
        enter({ exchanged: state.exchanged + 1, moved: state.moved + moved, stayed: sum });
      },
    });
  }

  return {
    state: () => state,
    start(request) {
      if (isRunning()) return state;
      cancelled = false;
      state = noUpgrade;
      // Those that leave are of an exchange before this one.
      const workers = pool.ready().filter((worker) => !pool.retiring().includes(worker));
      enter({ phase: 'probation', from: workers[0]?.loaded?.version ?? null, workers: workers.length });
      run(request).catch((error: Error) => {
        succession?.dismiss();
        enter({ phase: 'kept', problem: error.message });
      });
      return state;
    },
    follow(from, to, perSecond) {
      state = noUpgrade;
      const workers = pool.ready().filter((worker) => !pool.retiring().includes(worker)).length;
      enter({ phase: 'exchange', from, to, workers });
      void follow(perSecond);
    },
    close() {
      if (isRunning()) enter({ phase: 'cancelled', problem: 'the edge ends' });
      over = true;
      succession?.dismiss();
    },
    cancel() {
      if (isRunning()) cancelled = true;
      return state;
    },
  };
}
