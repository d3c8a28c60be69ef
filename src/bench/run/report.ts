/** The report of a run: plain values, the same for the summary and for JSON. */

import type { QuantilePoint } from '../histogram.ts';
import type { BenchMode } from '../scenario/mode.ts';
import type { BenchScenario, PhasePlan } from '../scenario/model.ts';
import { judgeThresholds, type Metric, type ThresholdVerdict } from '../scenario/thresholds.ts';
import { generatorLimits } from './generator-limits.ts';
import { type LatencyReport, latencyReport } from './latency.ts';
import type { PhaseReport, SearchReport, StormReport } from './report-parts.ts';
import type { Tally } from './tally.ts';

export type { LatencyReport } from './latency.ts';

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
 * end. `nothing-opened`: no connection came about. `generator-died`: a process of the load ended unexpectedly.
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
    | 'sizes'
    | 'compress'
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
    /** Of those, the ones that agreed on permessage-deflate. */
    readonly compressed: number;
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

/** What was counted while a load ran: a phase's, or the whole run's. */
export interface LoadFacts {
  readonly tally: Tally;
  readonly intended: number;
  readonly expected: number;
  readonly loadMs: number;
  readonly storms: readonly StormReport[];
}

export interface PhaseFacts extends LoadFacts {
  readonly plan: PhasePlan;
  readonly startMs: number;
  readonly endMs: number;
  readonly open: number;
}

export interface RunFacts extends LoadFacts {
  readonly ended: RunEnd;
  readonly startedAt: string;
  readonly scenario: BenchScenario;
  readonly series: readonly SeriesRow[];
  readonly processes: number;
  readonly sources: readonly string[];
  readonly cpuShareMax: number;
  readonly measures: readonly ProcessReport[];
  readonly phases: readonly PhaseFacts[];
}

export function writeReport(facts: RunFacts): BenchReport {
  const { ended, startedAt, scenario, tally, loadMs } = facts;
  const { counts } = tally;
  const latency = latencyReport(tally.latency);
  const sendLag = latencyReport(tally.sendLag);
  const dialLag = latencyReport(tally.dialLag);
  const cpuShareMax = Math.round(facts.cpuShareMax * 1000) / 1000;
  const { url, mode, connections, connectsPerSecond, durationMs } = scenario;
  const { messagesPerSecond, messageBytes, sizes, kind, compress, publishers } = scenario;
  const named = facts.phases.filter(({ plan }) => plan.name !== null);
  return {
    version: 1,
    ended,
    startedAt,
    scenario: {
      url,
      mode,
      connections,
      connectsPerSecond,
      durationMs,
      messagesPerSecond,
      messageBytes,
      sizes,
      kind,
      compress,
      publishers,
    },
    generator: {
      processes: facts.processes,
      sources: facts.sources,
      cpuShareMax,
      sendLag,
      loopDelayMaxMs: Math.round(tally.loopDelayMaxMs * 10) / 10,
      limits: generatorLimits({ cpuShareMax, sendLag, dialLag, latency, reasons: reasonsOf(facts) }),
    },
    connections: {
      opened: counts.opened,
      compressed: counts.compressed,
      failed: counts.failed - counts.stormFailed,
      dropped: counts.dropped - counts.stormDropped,
      failures: tally.failures,
      drops: tally.drops,
      connect: latencyReport(tally.connect),
    },
    messages: messagesOf(mode, facts),
    unexpected: counts.unexpected,
    loadMs: Math.round(loadMs),
    processes: facts.measures,
    thresholds: judgeThresholds(scenario.thresholds, measuredIn(mode, facts)),
    series: facts.series,
    phases: named.map((phase) => phaseReport(mode, phase)),
    storms: facts.storms,
    search: null,
  };
}

function phaseReport(mode: BenchMode, facts: PhaseFacts): PhaseReport {
  const { plan, startMs, endMs, open, tally } = facts;
  const messages = messagesOf(mode, facts);
  return {
    name: plan.name ?? '',
    startMs: Math.round(startMs),
    endMs: Math.round(endMs),
    latency: messages?.latency ?? null,
    sent: tally.counts.sent,
    received: tally.counts.received,
    lost: messages?.lost ?? 0,
    open,
    thresholds: judgeThresholds(plan.thresholds, measuredIn(mode, facts)),
  };
}

function messagesOf(mode: BenchMode, { tally, intended, expected, loadMs }: LoadFacts): BenchReport['messages'] {
  const { counts } = tally;
  if (mode === 'hold') return null;
  return {
    intended,
    expected,
    latency: latencyReport(tally.latency),
    response: latencyReport(tally.response),
    distribution: tally.latency.curve(),
    sent: counts.sent,
    sentBytes: counts.sentBytes,
    unsent: Math.max(0, intended - counts.sent),
    received: counts.received,
    receivedBytes: counts.receivedBytes,
    lost: Math.max(0, expected - counts.received),
    reach: expected === 0 ? null : counts.received / expected,
    receivedPerSecond: loadMs === 0 ? 0 : Math.round((counts.received * 10_000) / loadMs) / 10,
  };
}

/** What thresholds are held against. */
export function measuredIn(mode: BenchMode, facts: LoadFacts): Readonly<Record<Metric, number | null>> {
  const { tally, storms } = facts;
  const { counts } = tally;
  const connect = latencyReport(tally.connect);
  const away = latencyReport(tally.away);
  const messages = messagesOf(mode, facts);
  const latency = messages?.latency;
  const recovered = storms.map(({ recoveredMs }) => recoveredMs);
  const all = recovered.filter((ms) => ms !== null);
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
    unexpected: counts.unexpected,
    reach: messages?.reach ?? null,
    rate: messages?.receivedPerSecond ?? null,
    opened: counts.opened,
    failed: counts.failed - counts.stormFailed,
    dropped: counts.dropped - counts.stormDropped,
    // The slowest storm; one that did not recover has no time.
    recovered: all.length === 0 || all.length < recovered.length ? null : 1000 * Math.max(...all),
    refused: counts.stormFailed,
    'away-p50': away.p50,
    'away-p99': away.p99,
    'away-max': away.max,
  };
}

function reasonsOf({ tally, storms }: RunFacts): ReadonlySet<string> {
  return new Set([tally.failures, ...storms.map(({ refused }) => refused)].flatMap((reasons) => Object.keys(reasons)));
}
