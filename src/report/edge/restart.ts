import { printable } from '../../base/printable.ts';
import type { RestartState } from '../../control/managed/state.ts';

/** How a rolling restart stands, in one line. */
export function restartLine(upstream: string, state: RestartState): string {
  const { generation, stage, instances, exchanged, problem, again } = state;
  const name = `${upstream}, generation ${generation}`;
  const next = again ? '; another one follows' : '';
  const stages: Readonly<Record<RestartState['stage'], string>> = {
    starting: `${instances} new instances start`,
    draining: `the new instances serve; ${exchanged} old ones have ended, the next is drained`,
    done: `done; ${exchanged} old ones have ended`,
    failed: `stopped, and what was not exchanged goes on: ${problem}`,
  };
  return printable(`${name}: ${stages[stage]}${next}`);
}
