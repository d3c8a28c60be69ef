/** The series of a run as CSV (RFC 4180): a header with the units, then a row for each second. */
import type { BenchReport, SeriesRow } from '../../bench/run/report.ts';

/** In the order of the file. Every name that has a unit ends with it. */
export const csvColumns = [
  { name: 'at_ms', of: 'atMs', means: 'milliseconds since the run began' },
  { name: 'open', of: 'open', means: 'connections open at the end of the second' },
  { name: 'attempts', of: 'attempts', means: 'handshakes begun in it' },
  { name: 'failed', of: 'failed', means: 'handshakes refused or failed in it' },
  { name: 'dropped', of: 'dropped', means: 'connections that ended in it' },
  { name: 'sent', of: 'sent', means: 'messages sent in it' },
  { name: 'received', of: 'received', means: 'messages received in it' },
  {
    name: 'unexpected',
    of: 'unexpected',
    means: 'messages received in it that the run never sent, or that came twice',
  },
  {
    name: 'p50_us',
    of: 'p50',
    means: 'latency in microseconds that half of those received did not exceed; empty when none was',
  },
  { name: 'p99_us', of: 'p99', means: 'latency that 99 % of them did not exceed' },
  { name: 'max_us', of: 'max', means: 'the longest latency of them' },
] as const satisfies readonly { readonly name: string; readonly of: keyof SeriesRow; readonly means: string }[];

/** Lines end with CR LF, as the RFC says. Only numbers are in it, so that nothing needs quotes. */
export function writeCsv({ series }: Pick<BenchReport, 'series'>): string {
  const lines = [
    csvColumns.map(({ name }) => name),
    ...series.map((row) => csvColumns.map(({ of }) => (row[of] === null ? '' : String(row[of])))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}
