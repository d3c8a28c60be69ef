/** The library's way in, and what the command is written over: a scenario becomes a report. */
import { HoldlineError } from '../base/error.ts';
import { type CapacityFacts, readCapacityFacts } from '../host/capacity-facts.ts';
import { type CapacityAnswer, type CapacityWish, type LoadPlan, planLoad } from './run/capacity.ts';
import { type Destination, findDestination } from './run/destination.ts';
import { measureProcesses } from './run/process-measure.ts';
import type { BenchProgress } from './run/progress.ts';
import type { BenchReport } from './run/report.ts';
import { type RunHandle, startRun } from './run/run.ts';
import { startSearch } from './run/search-run.ts';
import { type BenchScenario, type PhasePlan, phasesOf, ranges } from './scenario/model.ts';

export type { BenchProgress } from './run/progress.ts';

export interface BenchRun {
  /** Always resolves, with what is known when something went wrong on the way. */
  readonly done: Promise<BenchReport>;
  /**
   * Ends the load in order: outstanding answers are waited for, connections are closed, the report says `interrupted`.
   */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface BenchOptions {
  /** Called once a second. Must not throw. */
  readonly onProgress?: (progress: BenchProgress) => void;
  /** Called with what the user should know at once, such as a command that failed. Must not throw. */
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Throws HoldlineError when it cannot start: public or unreachable target, too few descriptors or ports, unknown
 * process.
 */
export async function startBench(scenario: BenchScenario, options: BenchOptions = {}): Promise<BenchRun> {
  const destination = await findDestination(scenario, options.signal);
  const facts = readCapacityFacts();
  // Before anything is started, and for the first step of a search as well.
  const plan = required(planLoad(wishOf(scenario, destination), facts));
  measureProcesses(scenario.pids);
  const start = (of: BenchScenario, { processes, sources }: LoadPlan, step?: string): RunHandle =>
    startRun({
      scenario: of,
      address: destination.address,
      processes,
      sources,
      measures: measureProcesses(scenario.pids),
      onProgress: (progress) => options.onProgress?.(step === undefined ? progress : { ...progress, step }),
      onNotice: options.onNotice ?? (() => undefined),
    });
  if (scenario.search === null) return start(scenario, plan);
  const most = mostThatFits(scenario, destination, facts);
  return startSearch({
    scenario,
    of: scenario.search,
    ...most,
    nowMs: () => performance.now(),
    start: (of, step) => start(of, required(planLoad(wishOf(of, destination), facts)), step),
  });
}

function wishOf(scenario: BenchScenario, { loopbackV4 }: Destination): CapacityWish {
  const phases = phasesOf(scenario);
  const most = (of: (phase: PhasePlan) => number) => Math.max(...phases.map(of));
  return {
    processes: scenario.processes,
    sources: scenario.sources,
    loopback: loopbackV4,
    connections: most(({ connections }) => connections),
    messagesPerSecond: most((phase) => phase.messagesPerSecond * sendersOf(scenario, phase)),
    // Who cuts a connection keeps its port for a while; the next one needs another.
    cuts: phases.flatMap(({ storms }) => storms).filter(({ command }) => command === null).length,
  };
}

/** How far a search may go: as far as the settings do, and for connections as far as this machine does. */
function mostThatFits(scenario: BenchScenario, destination: Destination, facts: CapacityFacts) {
  if (scenario.search === 'rate') {
    const { max } = ranges.messagesPerSecond;
    return { most: max, mostBecause: `no more than ${max} messages per second are sent on a connection` };
  }
  const { max } = ranges.connections;
  const answer = planLoad({ ...wishOf(scenario, destination), connections: max }, facts);
  return answer.ok
    ? { most: max, mostBecause: `no more than ${max} connections are opened` }
    : { most: answer.fits, mostBecause: answer.diagnostic.message };
}

/** Throws bench-descriptors and bench-ports. */
function required(answer: CapacityAnswer): LoadPlan {
  if (answer.ok) return answer.plan;
  const { code, message, help } = answer.diagnostic;
  throw new HoldlineError(code, message, help === undefined ? {} : { help });
}

function sendersOf({ mode, publishers }: BenchScenario, { connections }: PhasePlan): number {
  return { echo: connections, request: connections, fanout: publishers, hold: 0 }[mode];
}
