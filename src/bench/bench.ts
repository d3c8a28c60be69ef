/** One run, from its beginning to its report: the library's way in, and what the command is written over. */
import { HoldlineError } from '../base/error.ts';
import { planLoad } from './capacity.ts';
import { findDestination } from './destination.ts';
import { startFleet } from './fleet.ts';
import { Histogram } from './histogram.ts';
import { readCapacityFacts } from './host.ts';
import { createSharedClock, type GeneratorReport, noCounts } from './messages.ts';
import { measureProcesses } from './process-measure.ts';
import { type BenchReport, type RunEnd, type SeriesRow, writeReport } from './report.ts';
import type { BenchScenario } from './scenario.ts';
import { createTally } from './tally.ts';

export interface BenchProgress {
  readonly phase: 'connecting' | 'loading' | 'waiting' | 'closing';
  readonly row: SeriesRow;
  readonly opened: number;
  readonly failed: number;
  readonly dropped: number;
}

export interface BenchRun {
  /** Always resolves, with what is known when something went wrong on the way. */
  readonly done: Promise<BenchReport>;
  /** Ends the load in order: outstanding answers are waited for, connections are closed, the report says `interrupted`. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface BenchOptions {
  /** Called once a second. Must not throw. */
  readonly onProgress?: (progress: BenchProgress) => void;
  readonly signal?: AbortSignal;
}

/** A second is what people and charts look at. */
const rowEveryMs = 1000;
/** An hour of connecting and an hour of load, and the end of it. */
const rowsMax = 7500;
/** So that the message that says when has arrived everywhere by then. */
const leadMs = 50;
/** Timers may come a little early; the load must not end before its last message was due. */
const timerGrainMs = 2;
/** Closing waits 5 s for each side's close frame; past twice that, a process hangs. */
const closeMsMax = 10_000;

/** Throws HoldlineError when it cannot start: public or unreachable target, too few descriptors or ports, unknown process. */
export async function startBench(scenario: BenchScenario, options: BenchOptions = {}): Promise<BenchRun> {
  const destination = await findDestination(scenario, options.signal);
  const answer = planLoad(
    {
      ...scenario,
      messagesPerSecond: scenario.messagesPerSecond * sendersOf(scenario),
      loopback: destination.loopback,
    },
    readCapacityFacts(),
  );
  if (!answer.ok) {
    const { code, message, help } = answer.diagnostic;
    throw new HoldlineError(code, message, help === undefined ? {} : { help });
  }
  const { processes, sources } = answer.plan;
  const measures = measureProcesses(scenario.pids);
  const nowMs = createSharedClock();
  const tally = createTally();
  const openEach = new Array<number>(processes).fill(0);
  const cpuUsEach = new Array<number>(processes).fill(0);
  const second = { counts: { ...noCounts }, latency: new Histogram() };
  const series: SeriesRow[] = [];
  const startedAt = new Date().toISOString();
  const asked = withResolvers<RunEnd>();
  const changed = new Set<() => void>();
  let phase: BenchProgress['phase'] = 'connecting';

  const onReport = (index: number, report: GeneratorReport) => {
    tally.add(report);
    openEach[index] = report.open;
    if (phase === 'loading') cpuUsEach[index]! += report.cpuUs;
    for (const name of Object.keys(noCounts) as (keyof typeof noCounts)[]) second.counts[name] += report.counts[name];
    second.latency.add(report.latency);
    for (const look of [...changed]) look();
  };
  const open = () => openEach.reduce((sum, each) => sum + each, 0);
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!condition()) return;
        changed.delete(look);
        resolve();
      };
      changed.add(look);
      look();
    });

  const fleet = startFleet({ processes, settings: { ...scenario, address: destination.address, sources }, onReport });
  const died = fleet.died.then((): RunEnd => 'generator-died');

  const row = (atMs: number): SeriesRow => {
    const { latency } = second;
    const { attempts, failed, dropped, sent, received, unexpected } = second.counts;
    const [p50, p99] = [latency.quantile(0.5), latency.quantile(0.99)];
    const max = latency.count === 0 ? null : latency.max;
    Object.assign(second, { counts: { ...noCounts }, latency: new Histogram() });
    const counted = { attempts, failed, dropped, sent, received, unexpected };
    return { atMs: Math.round(atMs), open: open(), ...counted, p50, p99, max };
  };

  const run = async (): Promise<BenchReport> => {
    let ended: RunEnd | 'going' = await Promise.race([fleet.ready.then(() => 'going' as const), died, asked.promise]);
    const startMs = nowMs();
    const ticking = setInterval(() => {
      const now = row(nowMs() - startMs);
      if (series.length < rowsMax) series.push(now);
      const { opened, failed, dropped } = tally.counts;
      options.onProgress?.({ phase, row: now, opened, failed, dropped });
    }, rowEveryMs);

    if (ended === 'going') {
      fleet.connect(startMs);
      ended = await Promise.race([fleet.connected.then(() => 'going' as const), died, asked.promise]);
    }
    if (ended === 'going' && tally.counts.opened === 0) ended = 'nothing-opened';
    const loadStartMs = nowMs() + leadMs;
    const load = { startMs: loadStartMs, endMs: loadStartMs };
    measures.open(tally.counts.opened);
    if (ended === 'going') {
      phase = 'loading';
      load.endMs += scenario.durationMs;
      fleet.tell({ kind: 'load', ...load });
      const over = withResolvers<RunEnd>();
      const timer = setTimeout(() => over.resolve('complete'), load.endMs - nowMs() + timerGrainMs);
      const gone = until(() => open() === 0).then((): RunEnd => 'target-gone');
      ended = await Promise.race([over.promise, gone, died, asked.promise]);
      clearTimeout(timer);
      load.endMs = Math.max(load.startMs, Math.min(load.endMs, nowMs()));
    }
    let due = { intended: 0, receivers: 0 };
    if (ended !== 'generator-died') {
      fleet.tell({ kind: 'stop', atMs: load.endMs });
      const stopped = await Promise.race([fleet.stopped, died]);
      phase = 'waiting';
      if (typeof stopped === 'object') due = stopped;
      else ended = stopped;
    }
    const expected = () => tally.counts.sent * (scenario.mode === 'fanout' ? due.receivers : 1);
    if (ended !== 'generator-died') {
      await first(scenario.graceMs, [until(() => tally.counts.received >= expected() || open() === 0), died]);
      measures.end(tally.counts.received);
      phase = 'closing';
      fleet.tell({ kind: 'close' });
      await first(closeMsMax, [fleet.closed, died]);
    }
    clearInterval(ticking);
    fleet.kill();
    series.push(row(nowMs() - startMs));
    return writeReport({
      ...{
        ended,
        startedAt,
        scenario,
        tally,
        series,
        processes,
        sources,
        intended: due.intended,
        expected: expected(),
      },
      loadMs: load.endMs - load.startMs,
      cpuShareMax: Math.max(...cpuUsEach) / 1000 / Math.max(1, load.endMs - load.startMs),
      measures: measures.reports(),
    });
  };
  return {
    done: run(),
    stop: () => asked.resolve('interrupted'),
    kill: () => {
      asked.resolve('interrupted');
      fleet.kill();
    },
  };
}

function sendersOf(scenario: BenchScenario): number {
  return { echo: scenario.connections, fanout: scenario.publishers, hold: 0 }[scenario.mode];
}

/** Waits for the first of them, and no longer than this. */
async function first(timeoutMs: number, promises: readonly Promise<unknown>[]): Promise<void> {
  const over = withResolvers<void>();
  const timer = setTimeout(() => over.resolve(), timeoutMs);
  await Promise.race([...promises, over.promise]);
  clearTimeout(timer);
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
