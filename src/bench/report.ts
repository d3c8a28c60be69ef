/** The report of a run: plain values, the same for the summary and for JSON. */
import type { Histogram } from './histogram.ts';
import type { PhaseReport, QuantilePoint, SearchReport, StormReport } from './report-parts.ts';
import type { BenchScenario } from './scenario.ts';
import type { Tally } from './tally.ts';
import { judge, type Metric, type ThresholdVerdict } from './thresholds.ts';

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

/** One second of the run; latencies in microseconds, of the messages that arrived in it. */
export interface SeriesRow {
  readonly atMs: number;
  readonly open: number;
  /** Connections that were begun, could not be opened, and ended before the run did. */
  readonly attempts: number;
  readonly failed: number;
  readonly dropped: number;
  readonly sent: number;
  readonly received: number;
  readonly unexpected: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface ProcessReport {
  readonly pid: number;
  /** During the load; null when the process was gone at the end. */
  readonly cpuMs: number | null;
  /** Null when the processor time is too short to be divided, or no message was received. */
  readonly cpuUsPerMessage: number | null;
  readonly memoryBytesBefore: number;
  readonly memoryBytesOpen: number | null;
  readonly memoryBytesPerConnection: number | null;
}

/**
 * `complete`: it ran to its end. `interrupted`: it was stopped. `target-gone`: every connection had ended before the
 * end. `nothing-opened`: no connection came about. `generator-died`: a process of the load ended by itself.
 */
export type RunEnd = 'complete' | 'interrupted' | 'target-gone' | 'nothing-opened' | 'generator-died';

export interface BenchReport {
  readonly version: 1;
  readonly ended: RunEnd;
  readonly startedAt: string;
  readonly scenario: Pick<
    BenchScenario,
    | 'url'
    | 'mode'
    | 'connections'
    | 'connectsPerSecond'
    | 'durationMs'
    | 'messagesPerSecond'
    | 'messageBytes'
    | 'kind'
    | 'publishers'
  >;
  readonly generator: {
    readonly processes: number;
    readonly sources: readonly string[];
    /** Share of one core that the busiest process took during the load, 0 to 1 and a little above. */
    readonly cpuShareMax: number;
    readonly loopDelayMaxMs: number;
    readonly sendLag: LatencyReport;
    /** Why the generator, and not the target, may have been the limit; empty when it was not. */
    readonly limits: readonly string[];
  };
  readonly connections: {
    readonly opened: number;
    readonly failed: number;
    readonly dropped: number;
    readonly failures: Readonly<Record<string, number>>;
    readonly drops: Readonly<Record<string, number>>;
    /** From when the connection was due. */
    readonly connect: LatencyReport;
  };
  /** Null in mode hold. */
  readonly messages: {
    /** Due until the load ended. */
    readonly intended: number;
    readonly sent: number;
    readonly sentBytes: number;
    readonly unsent: number;
    /** What should have arrived: in fan-out, each message at each receiver. */
    readonly expected: number;
    readonly received: number;
    readonly receivedBytes: number;
    readonly lost: number;
    readonly reach: number | null;
    readonly receivedPerSecond: number;
    /** From when a message was due; of those that arrived. */
    readonly latency: LatencyReport;
    /** From when it was really sent. */
    readonly response: LatencyReport;
    /** The percentile curve of the latency, denser towards its end; empty when nothing arrived. */
    readonly distribution: readonly QuantilePoint[];
  } | null;
  readonly unexpected: number;
  /** How long the load lasted. */
  readonly loadMs: number;
  readonly processes: readonly ProcessReport[];
  readonly thresholds: readonly ThresholdVerdict[];
  readonly series: readonly SeriesRow[];
  /** What the scenario called phases; empty without them. */
  readonly phases: readonly PhaseReport[];
  readonly storms: readonly StormReport[];
  readonly search: SearchReport | null;
}

export interface RunFacts {
  readonly ended: RunEnd;
  readonly startedAt: string;
  readonly scenario: BenchScenario;
  readonly tally: Tally;
  readonly series: readonly SeriesRow[];
  readonly processes: number;
  readonly sources: readonly string[];
  readonly intended: number;
  readonly expected: number;
  readonly loadMs: number;
  readonly cpuShareMax: number;
  readonly measures: readonly ProcessReport[];
}

export function writeReport(facts: RunFacts): BenchReport {
  const { ended, startedAt, scenario, tally, intended, expected, loadMs } = facts;
  const { counts } = tally;
  const latency = latencyReport(tally.latency);
  const sendLag = latencyReport(tally.sendLag);
  const cpuShareMax = Math.round(facts.cpuShareMax * 1000) / 1000;
  const { url, mode, connections, connectsPerSecond, durationMs } = scenario;
  const { messagesPerSecond, messageBytes, kind, publishers } = scenario;
  const report: Omit<BenchReport, 'thresholds'> = {
    ...{ version: 1, ended, startedAt },
    scenario: {
      ...{ url, mode, connections, connectsPerSecond, durationMs, messagesPerSecond, messageBytes, kind, publishers },
    },
    generator: {
      ...{ processes: facts.processes, sources: facts.sources, cpuShareMax, sendLag },
      loopDelayMaxMs: Math.round(tally.loopDelayMaxMs * 10) / 10,
      limits: generatorLimits({ cpuShareMax, sendLag, latency }),
    },
    connections: {
      ...{ opened: counts.opened, failed: counts.failed, dropped: counts.dropped },
      ...{ failures: tally.failures, drops: tally.drops, connect: latencyReport(tally.connect) },
    },
    messages:
      mode === 'hold'
        ? null
        : {
            ...{ intended, expected, latency, response: latencyReport(tally.response) },
            distribution: tally.latency.curve(),
            ...{ sent: counts.sent, sentBytes: counts.sentBytes, unsent: Math.max(0, intended - counts.sent) },
            ...{ received: counts.received, receivedBytes: counts.receivedBytes },
            lost: Math.max(0, expected - counts.received),
            reach: expected === 0 ? null : counts.received / expected,
            receivedPerSecond: loadMs === 0 ? 0 : Math.round((counts.received * 10_000) / loadMs) / 10,
          },
    unexpected: counts.unexpected,
    loadMs: Math.round(loadMs),
    processes: facts.measures,
    series: facts.series,
    ...{ phases: [], storms: [], search: null },
  };
  return { ...report, thresholds: judge(scenario.thresholds, measuredIn(report)) };
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

/** What thresholds are held against. */
export function measuredIn(report: Omit<BenchReport, 'thresholds'>): Readonly<Record<Metric, number | null>> {
  const { connections, messages } = report;
  const { connect } = connections;
  const latency = messages?.latency;
  return {
    p50: latency?.p50 ?? null,
    p90: latency?.p90 ?? null,
    p99: latency?.p99 ?? null,
    p999: latency?.p999 ?? null,
    max: latency?.max ?? null,
    mean: latency?.mean ?? null,
    'connect-p50': connect.p50,
    'connect-p99': connect.p99,
    'connect-max': connect.max,
    lost: messages?.lost ?? null,
    unsent: messages?.unsent ?? null,
    unexpected: report.unexpected,
    reach: messages?.reach ?? null,
    rate: messages?.receivedPerSecond ?? null,
    opened: connections.opened,
    failed: connections.failed,
    dropped: connections.dropped,
  };
}

/** A core that is busy for longer than this makes everything that waits for it late. */
const cpuShareLimit = 0.85;
/** Timers of a process come up to 1 ms late by themselves; below this, lateness says nothing. */
const sendLagLimitUs = 5000;

export function generatorLimits(facts: {
  readonly cpuShareMax: number;
  readonly sendLag: LatencyReport;
  readonly latency: LatencyReport;
}): string[] {
  const { cpuShareMax, sendLag, latency } = facts;
  const limits: string[] = [];
  if (cpuShareMax > cpuShareLimit)
    limits.push(`a process of the load took ${Math.round(cpuShareMax * 100)} % of a core`);
  if (sendLag.p99 !== null && sendLag.p99 > sendLagLimitUs && sendLag.p99 > (latency.p99 ?? 0) / 4)
    limits.push(`1 % of the messages were sent ${Math.round(sendLag.p99 / 1000)} ms or more after they were due`);
  return limits;
}
