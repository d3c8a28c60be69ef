import type { SeriesRow } from './report.ts';

/** What is going on, told once a second. */
export interface BenchProgress {
  readonly phase: 'connecting' | 'loading' | 'waiting' | 'closing';
  readonly row: SeriesRow;
  readonly opened: number;
  readonly failed: number;
  readonly dropped: number;
  /** The phase of the scenario that runs, and its place from 0 on; null without phases. */
  readonly part: { readonly name: string; readonly index: number } | null;
  /** What a search tries at the moment, in words; absent without one. */
  readonly step?: string;
}
