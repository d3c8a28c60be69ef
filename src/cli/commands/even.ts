import type { Command } from 'commander';
import { stayCauses } from '../../base/stay-cause.ts';
import type { HandedOver } from '../../control/handover/evening.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface EvenOptions extends ControlOptions {
  readonly rate?: number;
}

export function registerEven(program: Command, cli: Cli): void {
  const command = program
    .command('even')
    .description(
      'Moves connections between the workers until each holds the same number. Clients and servers notice nothing: their sockets go from one process to the other.',
    );
  addControlOptions(command)
    .option('--rate <number>', 'most connections a second from each worker', Number)
    .action(cli.action((options: EvenOptions) => even(options, cli, command)));
  addExamples(command, ['holdline even', 'holdline even --rate 500']);
}

async function even(options: EvenOptions, cli: Cli, command: Command): Promise<ExitCode> {
  if (options.rate !== undefined && !(options.rate > 0)) command.error('error: --rate is a number above 0');
  const client = controlClient(options, cli);
  const { moved, stayed } = await client.call<HandedOver>('POST', '/even', { perSecond: options.rate });
  cli.stdout.write(moved === 0 ? 'no connection had to move\n' : `${moved} connections went to another worker\n`);
  for (const [cause, count] of Object.entries(stayed))
    cli.stdout.write(`${count} stay where they are: ${stayCauses[cause as keyof typeof stayCauses] ?? cause}\n`);
  return 0;
}
