/** Rows of the report as the columns that charts want. */
import type { PageRow, PageStorm } from './page-data.ts';

export type Column = (number | null)[];

/** A row that is much shorter than a second comes at the end of a run; a rate from it would be noise. */
const rowMsMin = 250;

/** Seconds since the first row. */
export function secondsOf(rows: readonly { readonly atMs: number }[]): number[] {
  return rows.map((row) => row.atMs / 1000);
}

/** Counts since the row before, for each second. */
export function perSecond<Row extends { readonly atMs: number }>(
  rows: readonly Row[],
  count: (row: Row) => number,
  shortestMs = rowMsMin,
): Column {
  return rows.map((row, index) => {
    const tookMs = row.atMs - (rows[index - 1]?.atMs ?? 0);
    return tookMs < shortestMs ? null : (count(row) * 1000) / tookMs;
  });
}

/** Microseconds; a logarithmic scale has no place for 0. */
export function latency(rows: readonly PageRow[], of: 'p50' | 'p99' | 'max'): Column {
  return rows.map((row) => (row[of] === null ? null : Math.max(1, row[of])));
}

export function hasAny(column: Column): boolean {
  return column.some((value) => value !== null && value > 0);
}

/** Values that stand alone between gaps, which a line would not show. */
export function isolated(column: ArrayLike<number | null | undefined>, from: number, to: number): number[] {
  const alone: number[] = [];
  for (let i = from; i <= to; i++)
    if (column[i] != null && column[i - 1] == null && column[i + 1] == null) alone.push(i);
  return alone;
}

/** A storm's curve: its times in seconds, who is back, and attempts and refusals for each second. */
export function stormColumns(storm: PageStorm): {
  readonly seconds: number[];
  readonly open: Column;
  readonly attempts: Column;
  readonly refused: Column;
} {
  const { curve } = storm;
  return {
    seconds: secondsOf(curve),
    open: curve.map((row) => row.open),
    attempts: perSecond(curve, (row) => row.attempts, 1),
    refused: perSecond(curve, (row) => row.refused, 1),
  };
}
