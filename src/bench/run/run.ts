/** One run on processes of its own: its phases one after the other, and what was counted in each. */

import { deferred } from '../../base/deferred.ts';
import { createSharedClock, type GeneratorReport } from '../generator/messages.ts';
import { type BenchScenario, type PhasePlan, phasesOf, stormsMax } from '../scenario/model.ts';
import { Census } from './census.ts';
import { type Fleet, type StopAnswer, startFleet } from './fleet.ts';
import type { ProcessMeasures } from './process-measure.ts';
import type { BenchProgress } from './progress.ts';
import { type BenchReport, type PhaseFacts, type RunEnd, writeReport } from './report.ts';
import { createSeries, rowEveryMs } from './series.ts';
import { type RunningStorms, runStorms } from './storms.ts';
import { createTally, type Tally } from './tally.ts';
import { createWatched, first } from './wait.ts';

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

export interface RunOptions {
  readonly scenario: BenchScenario;
  readonly address: string;
  readonly processes: number;
  readonly sources: readonly string[];
  readonly measures: ProcessMeasures;
  readonly onProgress: (progress: BenchProgress) => void;
  readonly onNotice: (text: string) => void;
}

export function startRun(options: RunOptions): RunHandle {
  const run = new Run(options);
  return { done: run.play(), stop: () => run.stop(), kill: () => run.kill() };
}

/** How a part of a run ended; `going`: as it should, and the next part may begin. */
type PartEnd = RunEnd | 'going';

/** A phase's load while it lasts and once it is over. */
interface Loaded {
  readonly ended: PartEnd;
  readonly startMs: number;
  readonly endMs: number;
  readonly storms: RunningStorms;
}

class Run {
  readonly #options: RunOptions;
  readonly #plans: readonly PhasePlan[];
  readonly #nowMs = createSharedClock();
  readonly #startedAt = new Date().toISOString();
  readonly #total = createTally();
  readonly #series = createSeries();
  readonly #census: Census;
  readonly #watched = createWatched();
  readonly #asked = deferred<RunEnd>();
  readonly #facts: PhaseFacts[] = [];
  readonly #fleet: Fleet;
  readonly #died: Promise<RunEnd>;
  /** Of the phase that is under way. */
  #tally: Tally = createTally();
  #doing: BenchProgress['phase'] = 'connecting';
  #part: BenchProgress['part'] = null;
  #storms: RunningStorms | null = null;
  #startMs = 0;

  constructor(options: RunOptions) {
    const { scenario, address, processes, sources } = options;
    this.#options = options;
    this.#plans = phasesOf(scenario);
    this.#census = new Census(processes);
    const largest = Math.max(...this.#plans.flatMap(({ sizes }) => sizes.map(({ bytes }) => bytes)));
    const messageBytesMax = Math.max(largest, scenario.message?.length ?? 0);
    this.#fleet = startFleet({
      processes,
      settings: { ...scenario, address, sources, messageBytesMax },
      onReport: (index, report) => this.#take(index, report),
    });
    this.#died = this.#fleet.died.then((): RunEnd => 'generator-died');
  }

  async play(): Promise<BenchReport> {
    let ended = await this.#unlessEnded(this.#fleet.ready);
    this.#startMs = this.#nowMs();
    const ticking = setInterval(() => this.#tick(), rowEveryMs);
    for (const [phase, plan] of this.#plans.entries())
      if (ended === 'going') ended = await this.#playPhase(plan, phase);
    this.#options.measures.end(this.#total.counts.received);
    if (ended !== 'generator-died') {
      this.#doing = 'closing';
      this.#fleet.tell({ kind: 'close' });
      await first(closeMsMax, [this.#fleet.closed, this.#died]);
    }
    clearInterval(ticking);
    this.#fleet.kill();
    this.#series.row(this.#nowMs() - this.#startMs, this.#census.open);
    return this.#report(ended === 'going' ? 'complete' : ended);
  }

  stop(): void {
    this.#asked.resolve('interrupted');
  }

  kill(): void {
    this.stop();
    this.#fleet.kill();
  }

  #take(index: number, report: GeneratorReport): void {
    this.#total.add(report);
    this.#tally.add(report);
    this.#series.add(report);
    this.#census.take(index, report, { loading: this.#doing === 'loading' });
    this.#storms?.onReport(index, report);
    this.#watched.changed();
  }

  #tick(): void {
    const row = this.#series.row(this.#nowMs() - this.#startMs, this.#census.open);
    const { opened, failed, dropped } = this.#total.counts;
    this.#options.onProgress({ phase: this.#doing, part: this.#part, row, opened, failed, dropped });
  }

  #unlessEnded(done: Promise<unknown>): Promise<PartEnd> {
    return Promise.race([done.then((): PartEnd => 'going'), this.#died, this.#asked.promise]);
  }

  async #playPhase(plan: PhasePlan, phase: number): Promise<PartEnd> {
    this.#tally = createTally();
    this.#part = plan.name === null ? null : { name: plan.name, index: phase };
    const startMs = this.#nowMs() - this.#startMs;
    const reached = await this.#reach(plan);
    if (phase === 0) this.#options.measures.open(this.#total.counts.opened);
    const loaded = reached === 'going' ? await this.#load(plan, phase) : null;
    const ended = loaded?.ended ?? reached;
    const loadEndMs = loaded?.endMs ?? this.#nowMs();
    // Storms first: their last part comes with the answer to `stop`.
    loaded?.storms.end();
    const last = ended !== 'going' || phase === this.#plans.length - 1;
    const stopped = await this.#stopLoad(ended, loadEndMs, last);
    const storms = (await loaded?.storms.reports()) ?? [];
    const expected = await this.#awaitAnswers(stopped);
    this.#facts.push({
      plan,
      startMs,
      endMs: this.#nowMs() - this.#startMs,
      tally: this.#tally,
      storms,
      loadMs: loaded === null ? 0 : loadEndMs - loaded.startMs,
      open: this.#census.open,
      intended: stopped.due.intended,
      expected,
    });
    return stopped.ended;
  }

  /** Opens the phase's connections; 'going' when they are there. */
  async #reach({ connections, connectsPerSecond }: PhasePlan): Promise<PartEnd> {
    this.#doing = 'connecting';
    const startMs = this.#nowMs();
    const ended = await this.#unlessEnded(
      this.#fleet.reach({ kind: 'reach', connections, connectsPerSecond, startMs }),
    );
    return ended === 'going' && this.#total.counts.opened === 0 ? 'nothing-opened' : ended;
  }

  async #load(plan: PhasePlan, phase: number): Promise<Loaded> {
    const startMs = this.#nowMs() + leadMs;
    const endMs = startMs + plan.durationMs;
    this.#doing = 'loading';
    const { connections, messagesPerSecond, sizes } = plan;
    this.#fleet.tell({ kind: 'load', load: { phase, startMs, endMs, connections, messagesPerSecond, sizes } });
    const storms = runStorms({
      plan,
      firstStorm: phase * stormsMax,
      startMs,
      runStartMs: this.#startMs,
      scenario: this.#options.scenario,
      fleet: this.#fleet,
      nowMs: this.#nowMs,
      open: () => this.#census.open,
      onNotice: this.#options.onNotice,
    });
    this.#storms = storms;
    const over = deferred<PartEnd>();
    const timer = setTimeout(() => over.resolve('going'), endMs - this.#nowMs() + timerGrainMs);
    const nobodyLeft = () => this.#census.open + this.#census.away === 0;
    const gone = this.#watched.until(nobodyLeft).then((): PartEnd => 'target-gone');
    const ended = await Promise.race([over.promise, gone, this.#died, this.#asked.promise]);
    clearTimeout(timer);
    return { ended, startMs, endMs: Math.max(startMs, Math.min(endMs, this.#nowMs())), storms };
  }

  /** Tells the processes that the load is over, and learns how much of it was due. */
  async #stopLoad(ended: PartEnd, atMs: number, last: boolean): Promise<{ ended: PartEnd; due: StopAnswer }> {
    const nothing: StopAnswer = { intended: 0, receivers: 0 };
    const stopped =
      ended === 'generator-died'
        ? ended
        : await Promise.race([this.#fleet.stop({ kind: 'stop', atMs, last }), this.#died]);
    this.#doing = 'waiting';
    this.#storms = null;
    return typeof stopped === 'object' ? { ended, due: stopped } : { ended: stopped, due: nothing };
  }

  /** Waits for the last answers, within their grace; how many there should be in all. */
  async #awaitAnswers({ ended, due }: { readonly ended: PartEnd; readonly due: StopAnswer }): Promise<number> {
    const { mode, graceMs } = this.#options.scenario;
    const expected = () => this.#tally.counts.sent * (mode === 'fanout' ? due.receivers : 1);
    if (ended !== 'generator-died' && mode !== 'hold') {
      const allCame = () => this.#tally.counts.received >= expected() || this.#census.open === 0;
      await first(graceMs, [this.#watched.until(allCame), this.#died]);
    }
    return expected();
  }

  #report(ended: RunEnd): BenchReport {
    const { scenario, processes, sources, measures } = this.#options;
    const facts = this.#facts;
    const sum = (of: (phase: PhaseFacts) => number) => facts.reduce((all, phase) => all + of(phase), 0);
    const loadMs = sum((phase) => phase.loadMs);
    return writeReport({
      ended,
      startedAt: this.#startedAt,
      scenario,
      tally: this.#total,
      series: this.#series.rows,
      processes,
      sources,
      phases: facts,
      loadMs,
      intended: sum(({ intended }) => intended),
      expected: sum(({ expected }) => expected),
      storms: facts.flatMap(({ storms }) => storms),
      cpuShareMax: this.#census.cpuMsMax / Math.max(1, loadMs),
      measures: measures.reports(),
    });
  }
}
