import type { Command } from 'commander';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../control-client.ts';
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
  const { changed } = await client.call<{ changed: readonly string[] }>('POST', '/reload');
  cli.stdout.write(changed.length === 0 ? 'nothing has changed\n' : `changed: ${changed.join('; ')}\n`);
  return 0;
}
