/** Latencies as a report tells them. */
import type { Histogram } from '../histogram.ts';

/** Microseconds; null when nothing was measured. */
export interface LatencyReport {
  readonly count: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

export function latencyReport(histogram: Histogram): LatencyReport {
  const some = histogram.count > 0;
  return {
    count: histogram.count,
    min: some ? histogram.min : null,
    mean: some ? Math.round(histogram.mean * 10) / 10 : null,
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: some ? histogram.max : null,
  };
}
