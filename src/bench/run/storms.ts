/** The storms of one phase: begun at their times, and told of when the phase is over. */

import type { GeneratorReport } from '../generator/messages.ts';
import type { BenchScenario, PhasePlan, StormPlan } from '../scenario/model.ts';
import type { Fleet } from './fleet.ts';
import type { StormReport } from './report-parts.ts';
import { type CommandOutcome, runStormCommand } from './storm-command.ts';
import { createStormTally, type StormTally } from './storm-tally.ts';

export interface RunningStorms {
  onReport(index: number, report: GeneratorReport): void;
  /** Begins no more storms. */
  end(): void;
  /** Waits for commands that still run, which are ended. */
  reports(): Promise<readonly StormReport[]>;
}

/** A step of the curve. */
const rowEveryMs = 100;

interface RunningStorm {
  readonly tally: StormTally;
  readonly command: Promise<CommandOutcome> | null;
}

export function runStorms(options: {
  readonly plan: PhasePlan;
  /** Storms of a phase are numbered from here: no two of a run have the same number. */
  readonly firstStorm: number;
  /** Of the load and of the whole run, on the shared clock. */
  readonly startMs: number;
  readonly runStartMs: number;
  readonly scenario: Pick<BenchScenario, 'backoff'>;
  readonly fleet: Pick<Fleet, 'tell'>;
  readonly nowMs: () => number;
  readonly open: () => number;
  readonly onNotice: (text: string) => void;
}): RunningStorms {
  const { plan, firstStorm, startMs, runStartMs, fleet, nowMs, open } = options;
  const { firstMs, maxMs, jitter } = options.scenario.backoff;
  const begun: RunningStorm[] = [];
  const ending = new AbortController();
  let rows: NodeJS.Timeout | null = null;

  const begin = ({ command: line }: StormPlan) => {
    const stormMs = nowMs();
    const tally = createStormTally({
      phase: plan.name,
      atMs: stormMs - runStartMs,
      startMs: stormMs,
      backoff: { firstMs, maxMs, jitter },
    });
    tally.row(stormMs, open());
    fleet.tell({ kind: 'storm', storm: firstStorm + begun.length, cut: line === null });
    const command = line === null ? null : runStormCommand(line, { signal: ending.signal });
    void command?.then((outcome) => tell(outcome, options.onNotice));
    begun.push({ tally, command });
    rows ??= setInterval(() => begun.at(-1)!.tally.row(nowMs(), open()), rowEveryMs);
  };
  const timers = plan.storms.map((storm) => setTimeout(begin, startMs + storm.atMs - nowMs(), storm));

  return {
    onReport(index, { storm }) {
      if (storm === null) return;
      const tally = begun[storm.storm - firstStorm]?.tally;
      tally?.add(index, storm);
      // Who is back within a step was away all the same, and the curve shows it.
      if (storm.dropped > 0) tally?.row(nowMs(), open());
    },
    end() {
      for (const timer of timers) clearTimeout(timer);
    },
    async reports() {
      if (rows !== null) clearInterval(rows);
      begun.at(-1)?.tally.row(nowMs(), open());
      ending.abort();
      return Promise.all(
        begun.map(async ({ tally, command }) => {
          const outcome = await command;
          return tally.report(outcome === null ? null : { line: outcome.line, exitCode: outcome.exitCode });
        }),
      );
    },
  };
}

function tell({ line, exitCode, said }: CommandOutcome, onNotice: (text: string) => void): void {
  if (exitCode === 0) return;
  const how = exitCode === null ? 'did not end by itself' : `ended with exit code ${exitCode}`;
  onNotice(`the command of the storm ${how}: ${line}${said === '' ? '' : `\n${said}`}`);
}
