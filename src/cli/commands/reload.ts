import type { Command } from 'commander';
import type { ReloadOutcome } from '../../control/supervisor.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

export function registerReload(program: Command, cli: Cli): void {
  const command = program
    .command('reload')
    .description('Makes a running edge read its spec again and apply it. A spec with errors changes nothing.');
  addControlOptions(command).action(cli.action((options: ControlOptions) => reload(options, cli)));
  addExamples(command, ['holdline reload']);
}

async function reload(options: ControlOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  cli.stdout.write(`${reloadText(await client.call<ReloadAnswer>('POST', '/reload'))}\n`);
  return 0;
}

type ReloadAnswer = Pick<ReloadOutcome, 'changed' | 'lastChange'>;

/**
 * The edge watches its file, and has usually read it before anybody asks: then the change that is meant is the one
 * before.
 */
export function reloadText({ changed, lastChange }: ReloadAnswer): string {
  if (changed.length > 0) return `changed: ${changed.join('; ')}`;
  if (lastChange === null) return 'nothing has changed since the edge was started';
  const at = new Date(lastChange.atMs).toTimeString().slice(0, 8);
  return `nothing has changed since ${at}, when the edge took over: ${lastChange.changed.join('; ')}`;
}
