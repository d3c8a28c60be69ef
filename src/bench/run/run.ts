/** One run on processes of its own: its phases one after the other, and what was counted in each. */

import { createSharedClock, type GeneratorReport } from '../generator/messages.ts';
import { type BenchScenario, type PhasePlan, phasesOf, stormsMax } from '../scenario/model.ts';
import { type Fleet, type StopAnswer, startFleet } from './fleet.ts';
import type { ProcessMeasures } from './process-measure.ts';
import type { BenchProgress } from './progress.ts';
import { type BenchReport, type PhaseFacts, type RunEnd, writeReport } from './report.ts';
import { createSeries, rowEveryMs } from './series.ts';
import { runStorms } from './storms.ts';
import { createTally, type Tally } from './tally.ts';
import { createWatched, first, withResolvers } from './wait.ts';

export interface RunHandle {
  readonly done: Promise<BenchReport>;
  stop(): void;
  kill(): void;
}

/** So that the message that says when has arrived everywhere by then. */
const leadMs = 50;
/** Timers may come a little early; the load must not end before its last message was due. */
const timerGrainMs = 2;
/** Closing waits 5 s for each side's close frame; past twice that, a process hangs. */
const closeMsMax = 10_000;

export function startRun(options: {
  readonly scenario: BenchScenario;
  readonly address: string;
  readonly processes: number;
  readonly sources: readonly string[];
  readonly measures: ProcessMeasures;
  readonly onProgress: (progress: BenchProgress) => void;
  readonly onNotice: (text: string) => void;
}): RunHandle {
  const { scenario, address, processes, sources, measures } = options;
  const plans = phasesOf(scenario);
  const nowMs = createSharedClock();
  const startedAt = new Date().toISOString();
  const total = createTally();
  const series = createSeries();
  const watched = createWatched();
  const openEach = new Array<number>(processes).fill(0);
  const awayEach = new Array<number>(processes).fill(0);
  const cpuUsEach = new Array<number>(processes).fill(0);
  const asked = withResolvers<RunEnd>();
  const facts: PhaseFacts[] = [];
  let tally: Tally = createTally();
  let doing: BenchProgress['phase'] = 'connecting';
  let part: BenchProgress['part'] = null;
  let onStorm: (index: number, report: GeneratorReport) => void = () => undefined;

  const open = () => openEach.reduce((sum, each) => sum + each, 0);
  const away = () => awayEach.reduce((sum, each) => sum + each, 0);
  const onReport = (index: number, report: GeneratorReport) => {
    total.add(report);
    tally.add(report);
    series.add(report);
    openEach[index] = report.open;
    awayEach[index] = report.away;
    if (doing === 'loading') cpuUsEach[index]! += report.cpuUs;
    onStorm(index, report);
    watched.changed();
  };

  const largest = Math.max(...plans.flatMap(({ sizes }) => sizes.map(({ bytes }) => bytes)));
  const settings = { ...scenario, address, sources, messageBytesMax: Math.max(largest, scenario.message?.length ?? 0) };
  const fleet: Fleet = startFleet({ processes, settings, onReport });
  const died = fleet.died.then((): RunEnd => 'generator-died');

  /** Opens the phase's connections; 'going' when they are there. */
  const reach = async (plan: PhasePlan): Promise<RunEnd | 'going'> => {
    doing = 'connecting';
    const { connections, connectsPerSecond } = plan;
    const reached = fleet.reach({ kind: 'reach', connections, connectsPerSecond, startMs: nowMs() });
    const ended = await Promise.race([reached.then(() => 'going' as const), died, asked.promise]);
    return ended === 'going' && total.counts.opened === 0 ? 'nothing-opened' : ended;
  };

  const load = async (plan: PhasePlan, phase: number, runStartMs: number) => {
    const startMs = nowMs() + leadMs;
    const endMs = startMs + plan.durationMs;
    doing = 'loading';
    const { connections, messagesPerSecond, sizes } = plan;
    fleet.tell({ kind: 'load', load: { phase, startMs, endMs, connections, messagesPerSecond, sizes } });
    const storms = runStorms({
      plan,
      firstStorm: phase * stormsMax,
      startMs,
      runStartMs,
      scenario,
      fleet,
      nowMs,
      open,
      onNotice: options.onNotice,
    });
    onStorm = storms.onReport;
    const over = withResolvers<RunEnd | 'going'>();
    const timer = setTimeout(() => over.resolve('going'), endMs - nowMs() + timerGrainMs);
    const gone = watched.until(() => open() + away() === 0).then((): RunEnd => 'target-gone');
    const ended = await Promise.race([over.promise, gone, died, asked.promise]);
    clearTimeout(timer);
    return { ended, startMs, endMs: Math.max(startMs, Math.min(endMs, nowMs())), storms };
  };

  const runPhase = async (plan: PhasePlan, phase: number, runStartMs: number): Promise<RunEnd | 'going'> => {
    tally = createTally();
    part = plan.name === null ? null : { name: plan.name, index: phase };
    const phaseStartMs = nowMs() - runStartMs;
    const reached = await reach(plan);
    if (phase === 0) measures.open(total.counts.opened);
    const loaded = reached === 'going' ? await load(plan, phase, runStartMs) : null;
    let ended = loaded?.ended ?? reached;
    const last = ended !== 'going' || phase === plans.length - 1;
    const loadEndMs = loaded?.endMs ?? nowMs();
    let due: StopAnswer = { intended: 0, receivers: 0 };
    // Storms first: their last part comes with the answer to `stop`.
    loaded?.storms.end();
    if (ended !== 'generator-died') {
      const stopped = await Promise.race([fleet.stop({ kind: 'stop', atMs: loadEndMs, last }), died]);
      if (typeof stopped === 'object') due = stopped;
      else ended = stopped;
    }
    doing = 'waiting';
    onStorm = () => undefined;
    const storms = (await loaded?.storms.reports()) ?? [];
    const expected = () => tally.counts.sent * (scenario.mode === 'fanout' ? due.receivers : 1);
    if (ended !== 'generator-died' && scenario.mode !== 'hold') {
      const answered = watched.until(() => tally.counts.received >= expected() || open() === 0);
      await first(scenario.graceMs, [answered, died]);
    }
    const times = { startMs: phaseStartMs, endMs: nowMs() - runStartMs };
    const loadMs = loaded === null ? 0 : loadEndMs - loaded.startMs;
    facts.push({ plan, ...times, tally, storms, loadMs, open: open(), intended: due.intended, expected: expected() });
    return ended;
  };

  const run = async (): Promise<BenchReport> => {
    let ended: RunEnd | 'going' = await Promise.race([fleet.ready.then(() => 'going' as const), died, asked.promise]);
    const runStartMs = nowMs();
    const ticking = setInterval(() => {
      const row = series.row(nowMs() - runStartMs, open());
      const { opened, failed, dropped } = total.counts;
      options.onProgress({ phase: doing, part, row, opened, failed, dropped });
    }, rowEveryMs);
    for (const [phase, plan] of plans.entries()) if (ended === 'going') ended = await runPhase(plan, phase, runStartMs);
    if (ended === 'going') ended = 'complete';
    measures.end(total.counts.received);
    if (ended !== 'generator-died') {
      doing = 'closing';
      fleet.tell({ kind: 'close' });
      await first(closeMsMax, [fleet.closed, died]);
    }
    clearInterval(ticking);
    fleet.kill();
    series.row(nowMs() - runStartMs, open());
    const sum = (of: (phase: PhaseFacts) => number) => facts.reduce((all, phase) => all + of(phase), 0);
    const loadMs = sum((phase) => phase.loadMs);
    return writeReport({
      ended,
      startedAt,
      scenario,
      tally: total,
      series: series.rows,
      processes,
      sources,
      phases: facts,
      loadMs,
      intended: sum(({ intended }) => intended),
      expected: sum(({ expected }) => expected),
      storms: facts.flatMap(({ storms }) => storms),
      cpuShareMax: Math.max(...cpuUsEach) / 1000 / Math.max(1, loadMs),
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
