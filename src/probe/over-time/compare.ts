/** Two endpoints side by side, usually the same server direct and through a proxy; what differs comes first. */
import type { ProbeOptions } from '../options.ts';
import { probe } from '../probe.ts';
import type { ProbeReport } from '../report.ts';
import { spreadOf, takeSample } from './watch.ts';

export interface Comparison {
  readonly version: 1;
  readonly one: ProbeReport;
  readonly other: ProbeReport;
  /** What differs first, each part in the order of the report. */
  readonly rows: readonly ComparisonRow[];
}

export interface ComparisonRow {
  readonly what: string;
  readonly one: string;
  readonly other: string;
  readonly differs: boolean;
}

/** One handshake can be slow by chance; the median of five is not. */
const samples = 5;

export async function compare(
  url: string,
  otherUrl: string,
  options: ProbeOptions = {},
  otherOptions = options,
): Promise<Comparison> {
  const one = await probe(url, options);
  const other = await probe(otherUrl, otherOptions);
  const times =
    one.failure === null && other.failure === null ? await compareTimes(url, otherUrl, options, otherOptions) : [];
  const rows = [...rowsOf(one, other), ...times];
  return {
    version: 1,
    one,
    other,
    rows: [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)],
  };
}

function rowsOf(one: ProbeReport, other: ProbeReport): ComparisonRow[] {
  const rows: ComparisonRow[] = [];
  const add = (
    what: string,
    read: (report: ProbeReport) => string | null | undefined,
    same?: (report: ProbeReport) => unknown,
  ) => {
    const [a, b] = [read(one), read(other)];
    if (a == null && b == null) return;
    const differs = same === undefined ? a !== b : same(one) !== same(other);
    rows.push({ what, one: a ?? '–', other: b ?? '–', differs });
  };
  add('outcome', (report) => report.outcome);
  add('fails at', (report) => (report.failure === null ? null : `${report.failure.step}: ${report.failure.what}`));
  if (one.failure !== null && other.failure !== null) add('cause', (report) => report.failure?.code);
  // Of one that does not work nothing more is known, and every row would say so.
  if (one.failure !== null || other.failure !== null) return rows;
  add('server', (report) => report.endpoint?.server);
  add('TLS', (report) => report.endpoint?.tls?.version);
  add('certificate', (report) => report.endpoint?.tls?.certificate?.subject);
  add('subprotocol', (report) => report.endpoint?.subprotocol);
  add('extensions', (report) => report.endpoint?.extensions);
  add('echoes', (report) => (report.endpoint?.echoes == null ? null : report.endpoint.echoes ? 'yes' : 'no'));
  const ids = [...new Set([...one.checks, ...other.checks].map((check) => check.id))];
  for (const id of ids) {
    const find = (report: ProbeReport) => report.checks.find((check) => check.id === id);
    add(
      id,
      (report) => {
        const check = find(report);
        return check === undefined ? null : `${check.verdict}: ${check.finding}`;
      },
      // Findings hold times and sizes; the verdict is what differs or does not.
      (report) => find(report)?.verdict,
    );
  }
  add('conformance', (report) => {
    const { conformance } = report;
    if (conformance === null) return null;
    const { cases, pass, nonStrict, fail } = conformance.counts;
    return conformance.skipped ?? `${pass} of ${cases} pass, ${nonStrict} not strict, ${fail} fail`;
  });
  add(
    'idle timeout',
    (report) => report.idle?.finding,
    ({ idle }) =>
      idle === null ? null : `${idle.kind} ${idle.death?.how} ${Math.round((idle.timeoutMs ?? 0) / 1000)}`,
  );
  return rows;
}

async function compareTimes(
  url: string,
  otherUrl: string,
  options: ProbeOptions,
  otherOptions: ProbeOptions,
): Promise<ComparisonRow[]> {
  const one = { handshake: [] as number[], ping: [] as number[] };
  const other = { handshake: [] as number[], ping: [] as number[] };
  // By turns, so that what slows the machine for a moment slows both.
  for (let i = 0; i < samples; i++) {
    for (const [times, target, with_] of [
      [one, url, options],
      [other, otherUrl, otherOptions],
    ] as const) {
      const sample = await takeSample(target, with_);
      if (sample.handshakeMs !== null) times.handshake.push(sample.handshakeMs);
      if (sample.pingMs !== null) times.ping.push(sample.pingMs);
    }
  }
  return [
    timeRow('handshake, median of 5', one.handshake, other.handshake),
    timeRow('ping, median of 5', one.ping, other.ping),
  ];
}

/** Twice as long, and by more than 5 ms, is a difference that is no chance. */
function timeRow(what: string, one: readonly number[], other: readonly number[]): ComparisonRow {
  const [a, b] = [spreadOf(one)?.medianMs ?? null, spreadOf(other)?.medianMs ?? null];
  const differs =
    (a === null) !== (b === null) ||
    (a !== null && b !== null && Math.max(a, b) > 2 * Math.min(a, b) && Math.abs(a - b) > 5);
  const shown = (value: number | null) => (value === null ? '–' : `${value.toFixed(1)} ms`);
  return { what, one: shown(a), other: shown(b), differs };
}
