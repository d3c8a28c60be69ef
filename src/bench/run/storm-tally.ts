/** A storm, put together from what the processes of the load report of it. */

import { countReason } from '../generator/reasons.ts';
import type { StormPart } from '../generator/storm-log.ts';
import { Histogram } from '../histogram.ts';
import { latencyReport } from './latency.ts';
import type { BackoffReport, StormReport, StormRow } from './report-parts.ts';

/** The curve keeps at most this many rows: a pixel each in a chart, and a bound for a storm of an hour. */
const rowsMax = 400;

export interface StormTally {
  add(index: number, part: StormPart): void;
  /** A row of the curve, at its time. */
  row(nowMs: number, open: number): void;
  report(command: StormReport['command']): StormReport;
}

export function createStormTally(options: {
  readonly phase: string | null;
  /** Of the series, and of the shared clock. */
  readonly atMs: number;
  readonly startMs: number;
  readonly backoff: BackoffReport;
}): StormTally {
  const { phase, atMs, startMs, backoff } = options;
  const away = new Histogram();
  const refused: Record<string, number> = {};
  const counts = { dropped: 0, attempts: 0, returned: 0 };
  const openBefore = new Map<number, number>();
  const recoveredAt = new Map<number, number | null>();
  const sinceRow = { attempts: 0, returned: 0, refused: 0 };
  let curve: StormRow[] = [];
  let rowEveryMs = 0;
  /** A row in which nothing happened, kept back: only the last one before something happens is of use. */
  let quiet: StormRow | null = null;

  const push = (row: StormRow) => {
    const last = curve.at(-1);
    if (last !== undefined && row.atMs - last.atMs < rowEveryMs) curve[curve.length - 1] = together(last, row);
    else curve.push(row);
    if (curve.length < rowsMax) return;
    curve = curve.reduce<StormRow[]>((rows, each, index) => {
      if (index % 2 === 0) rows.push(each);
      else rows[rows.length - 1] = together(rows.at(-1)!, each);
      return rows;
    }, []);
    rowEveryMs = (curve.at(-1)!.atMs - curve[0]!.atMs) / curve.length;
  };
  const recoveredMs = () => {
    const times = [...recoveredAt.values()];
    if (times.length === 0 || times.some((time) => time === null)) return null;
    return Math.max(0, Math.round(Math.max(...(times as number[])) - startMs));
  };

  return {
    add(index, part) {
      openBefore.set(index, part.openBefore);
      recoveredAt.set(index, part.recoveredAtMs);
      away.add(part.away);
      for (const name of ['dropped', 'attempts', 'returned'] as const) counts[name] += part[name];
      sinceRow.attempts += part.attempts;
      sinceRow.returned += part.returned;
      for (const [reason, count] of Object.entries(part.refused)) {
        countReason(refused, reason, count);
        sinceRow.refused += count;
      }
    },
    row(nowMs, open) {
      const row = { atMs: Math.round(nowMs - startMs), open, ...sinceRow };
      Object.assign(sinceRow, { attempts: 0, returned: 0, refused: 0 });
      const last = quiet ?? curve.at(-1);
      if (last?.open === open && row.attempts + row.returned + row.refused === 0) {
        quiet = row;
        return;
      }
      if (quiet !== null) push(quiet);
      quiet = null;
      push(row);
    },
    report(command) {
      const before = [...openBefore.values()].reduce((sum, open) => sum + open, 0);
      return {
        phase,
        atMs: Math.round(atMs),
        command,
        backoff,
        openBefore: before,
        ...counts,
        refused,
        recoveredMs: recoveredMs(),
        away: latencyReport(away),
        curve,
      };
    },
  };
}

/** What was counted adds up; what was open is what the later row says. */
function together(a: StormRow, b: StormRow): StormRow {
  return {
    atMs: b.atMs,
    open: b.open,
    attempts: a.attempts + b.attempts,
    returned: a.returned + b.returned,
    refused: a.refused + b.refused,
  };
}
