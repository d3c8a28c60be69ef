/** The library's way in, and what the command is written over: a scenario becomes a report. */
import { HoldlineError } from '../base/error.ts';
import { planLoad } from './capacity.ts';
import { type Destination, findDestination } from './destination.ts';
import { readCapacityFacts } from './host.ts';
import { measureProcesses } from './process-measure.ts';
import type { BenchProgress } from './progress.ts';
import type { BenchReport } from './report.ts';
import { startRun } from './run.ts';
import { type BenchScenario, type PhasePlan, phasesOf } from './scenario-model.ts';

export type { BenchProgress } from './progress.ts';

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
  /** Called with what the user should know at once, such as a command that failed. Must not throw. */
  readonly onNotice?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Throws HoldlineError when it cannot start: public or unreachable target, too few descriptors or ports, unknown process. */
export async function startBench(scenario: BenchScenario, options: BenchOptions = {}): Promise<BenchRun> {
  const destination = await findDestination(scenario, options.signal);
  const { processes, sources } = planFor(scenario, destination);
  return startRun({
    ...{ scenario, address: destination.address, processes, sources },
    measures: measureProcesses(scenario.pids),
    onProgress: options.onProgress ?? (() => undefined),
    onNotice: options.onNotice ?? (() => undefined),
  });
}

/** Throws bench-descriptors and bench-ports. */
function planFor(scenario: BenchScenario, { loopback }: Destination) {
  const phases = phasesOf(scenario);
  const most = (of: (phase: PhasePlan) => number) => Math.max(...phases.map(of));
  const answer = planLoad(
    {
      processes: scenario.processes,
      sources: scenario.sources,
      loopback,
      connections: most(({ connections }) => connections),
      messagesPerSecond: most((phase) => phase.messagesPerSecond * sendersOf(scenario, phase)),
      // Who cuts a connection keeps its port for a while; the next one needs another.
      cuts: phases.flatMap(({ storms }) => storms).filter(({ command }) => command === null).length,
    },
    readCapacityFacts(),
  );
  if (answer.ok) return answer.plan;
  const { code, message, help } = answer.diagnostic;
  throw new HoldlineError(code, message, help === undefined ? {} : { help });
}

function sendersOf({ mode, publishers }: BenchScenario, { connections }: PhasePlan): number {
  return { echo: connections, request: connections, fanout: publishers, hold: 0 }[mode];
}
