import type { Settled } from './settled.ts';

/** What changes while a supervised nginx runs. */
export interface Running {
  settled: Settled;
  /** Told to end: what ends from now on ends by that. */
  isEnding: boolean;
  /** Of workers and masters that died. */
  restarts: number;
}
