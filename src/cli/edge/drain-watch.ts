import type { DrainRow } from '../../control/drain/job.ts';
import { drainLine } from '../../report/edge/drain.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import type { ControlClient } from './control-client.ts';

/** A person sees it move, and a drain of a minute is asked for some two hundred times. */
const askEveryMs = 300;

/** Shows a drain until it is over, when that is asked for; otherwise says that it has begun. */
export async function showDrain(drain: DrainRow, watch: boolean, client: ControlClient, cli: Cli): Promise<ExitCode> {
  let row = drain;
  const redraws = watch && cli.stdout.isTTY === true;
  while (watch && row.state === 'running') {
    if (redraws) cli.stdout.write(`\r${drainLine(row)}\u001b[K`);
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    row = await client.call('GET', `/drains/${drain.id}`);
  }
  cli.stdout.write(`${redraws ? '\r\u001b[K' : ''}${drainLine(row)}\n`);
  if (row.state === 'running') cli.stdout.write(`stop it with: holdline drain --cancel ${row.id}\n`);
  return row.state === 'cancelled' ? 1 : 0;
}
