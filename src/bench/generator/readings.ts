/** What one process of the load has counted since its last report. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Histogram } from '../histogram.ts';
import { type GeneratorReport, noCounts } from './messages.ts';

export interface Readings {
  readonly counts: { -readonly [Name in keyof GeneratorReport['counts']]: number };
  failures: Record<string, number>;
  drops: Record<string, number>;
  readonly latency: Histogram;
  readonly response: Histogram;
  readonly connect: Histogram;
  readonly sendLag: Histogram;
  readonly dialLag: Histogram;
  /** Hands over and begins anew. */
  take(now: Pick<GeneratorReport, 'open' | 'away' | 'storm'>): GeneratorReport;
  close(): void;
}

const nanosecondsPerMs = 1e6;

export function createReadings(): Readings {
  // 10 ms: fine enough for what would show in a latency, and too coarse to cost anything.
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let cpu = process.cpuUsage();
  const readings: Readings = {
    counts: { ...noCounts },
    failures: {},
    drops: {},
    latency: new Histogram(),
    response: new Histogram(),
    connect: new Histogram(),
    sendLag: new Histogram(),
    dialLag: new Histogram(),
    take(now) {
      const used = process.cpuUsage(cpu);
      cpu = process.cpuUsage();
      const report: GeneratorReport = {
        ...now,
        counts: { ...readings.counts },
        failures: readings.failures,
        drops: readings.drops,
        latency: readings.latency.take(),
        response: readings.response.take(),
        connect: readings.connect.take(),
        sendLag: readings.sendLag.take(),
        dialLag: readings.dialLag.take(),
        cpuUs: used.user + used.system,
        loopDelayMaxMs: delay.count === 0 ? 0 : delay.max / nanosecondsPerMs,
      };
      delay.reset();
      Object.assign(readings.counts, noCounts);
      readings.failures = {};
      readings.drops = {};
      return report;
    },
    close: () => delay.disable(),
  };
  return readings;
}
