/** The rows of a run, one for each second: what people and charts look at. */

import { type GeneratorReport, noCounts } from '../generator/messages.ts';
import { Histogram } from '../histogram.ts';
import type { SeriesRow } from './report.ts';

export const rowEveryMs = 1000;
/** An hour of connecting and an hour of load, and the end of it. */
const rowsMax = 7500;

export interface Series {
  readonly rows: readonly SeriesRow[];
  add(report: GeneratorReport): void;
  /** Ends a row. */
  row(atMs: number, open: number): SeriesRow;
}

export function createSeries(): Series {
  const rows: SeriesRow[] = [];
  let counts = { ...noCounts };
  let latency = new Histogram();
  return {
    rows,
    add(report) {
      for (const name of Object.keys(noCounts) as (keyof typeof noCounts)[]) counts[name] += report.counts[name];
      latency.add(report.latency);
    },
    row(atMs, open) {
      const { attempts, failed, dropped, sent, received, unexpected } = counts;
      const row: SeriesRow = {
        atMs: Math.round(atMs),
        open,
        attempts,
        failed,
        dropped,
        sent,
        received,
        unexpected,
        p50: latency.quantile(0.5),
        p99: latency.quantile(0.99),
        max: latency.count === 0 ? null : latency.max,
      };
      counts = { ...noCounts };
      latency = new Histogram();
      if (rows.length < rowsMax) rows.push(row);
      return row;
    },
  };
}
