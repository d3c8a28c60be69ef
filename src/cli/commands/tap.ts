import type { Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import type { TapAnswer } from '../../registry/tap.ts';
import { isWorthTelling, tapLine } from '../../report/edge/tap.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { streamFrames } from '../edge/stream.ts';
import { addExamples } from '../help.ts';

interface TapOptions extends ControlOptions {
  readonly json?: boolean;
}

export function registerTap(program: Command, cli: Cli): void {
  const command = program
    .command('tap')
    .description(
      'Shows the traffic of one connection until it ends: kind, size, time and direction of each frame, and of messages in several frames. It never shows their content.',
    )
    .argument('<id>', 'the id of the connection, as holdline ls --columns id shows it');
  addControlOptions(command)
    .option('--json', 'print JSON, one frame or message a line')
    .action(cli.action((id: string, options: TapOptions) => tap(id, options, cli)));
  addExamples(command, ['holdline tap mwy5ihg0-2-000000', 'holdline tap mwy5ihg0-2-000000 --json']);
}

async function tap(id: string, options: TapOptions, cli: Cli): Promise<ExitCode> {
  const forever = new AbortController();
  const client = controlClient(options, cli);
  const body = await client.stream(`/connections/${encodeURIComponent(id)}/tap`, null, forever.signal);
  if (!options.json) cli.stderr.write('frames as they come; Ctrl-C ends\n');
  for await (const { kind, data } of streamFrames(body)) {
    if (kind === 'end') {
      cli.stderr.write('the connection has ended; holdline history says why\n');
      return 0;
    }
    const { rows, missed } = JSON.parse(data) as TapAnswer;
    for (const row of rows) {
      if (options.json) cli.stdout.write(`${jsonText(row)}\n`);
      else if (isWorthTelling(row)) cli.stdout.write(`${tapLine(row)}\n`);
    }
    if (missed > 0) cli.stderr.write(`${missed} more came than can be shown\n`);
  }
  cli.stderr.write('the edge has ended\n');
  return 0;
}
