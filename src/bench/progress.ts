import type { SeriesRow } from './report.ts';

/** What is going on, told once a second. */
export interface BenchProgress {
  readonly phase: 'connecting' | 'loading' | 'waiting' | 'closing';
  readonly row: SeriesRow;
  readonly opened: number;
  readonly failed: number;
  readonly dropped: number;
  /** What a search tries at the moment, in words; absent without one. */
  readonly step?: string;
}
