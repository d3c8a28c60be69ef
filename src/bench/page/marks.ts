/** A threshold of latency that can be drawn: its metric, and where it lies. */
export interface ThresholdMark {
  readonly text: string;
  readonly metric: 'p50' | 'p90' | 'p99' | 'p999' | 'max';
  /** Microseconds. */
  readonly us: number;
  readonly held: boolean;
}
