/** Adds up what the processes of a load report. */

import { type GeneratorReport, type LoadCounts, noCounts } from '../generator/messages.ts';
import { countReason } from '../generator/reasons.ts';
import { Histogram } from '../histogram.ts';

export interface Tally {
  readonly counts: { -readonly [Name in keyof LoadCounts]: number };
  readonly failures: Record<string, number>;
  readonly drops: Record<string, number>;
  readonly latency: Histogram;
  readonly response: Histogram;
  readonly connect: Histogram;
  readonly sendLag: Histogram;
  readonly dialLag: Histogram;
  /** Of clients that came back in storms: how long they were away. */
  readonly away: Histogram;
  loopDelayMaxMs: number;
  add(report: GeneratorReport): void;
}

export function createTally(): Tally {
  const tally: Tally = {
    counts: { ...noCounts },
    failures: {},
    drops: {},
    latency: new Histogram(),
    response: new Histogram(),
    connect: new Histogram(),
    sendLag: new Histogram(),
    dialLag: new Histogram(),
    away: new Histogram(),
    loopDelayMaxMs: 0,
    add(report) {
      for (const name of Object.keys(noCounts) as (keyof LoadCounts)[]) tally.counts[name] += report.counts[name];
      for (const [reason, count] of Object.entries(report.failures)) countReason(tally.failures, reason, count);
      for (const [reason, count] of Object.entries(report.drops)) countReason(tally.drops, reason, count);
      for (const name of ['latency', 'response', 'connect', 'sendLag', 'dialLag'] as const)
        tally[name].add(report[name]);
      if (report.storm !== null) tally.away.add(report.storm.away);
      tally.loopDelayMaxMs = Math.max(tally.loopDelayMaxMs, report.loopDelayMaxMs);
    },
  };
  return tally;
}
