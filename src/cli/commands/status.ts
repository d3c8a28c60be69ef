import type { Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import type { Snapshot } from '../../registry/live.ts';
import { statusText, workersText } from '../../report/edge/status.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, tableWidth } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface StatusOptions extends ControlOptions {
  readonly json?: boolean;
}

export function registerStatus(program: Command, cli: Cli): void {
  const command = program
    .command('status')
    .description(
      'Shows on one screen what is running, what it carries, and what needs attention. Exit code 1 when something does.',
    );
  addControlOptions(command)
    .option('--json', 'print JSON')
    .action(
      cli.action(async (options: StatusOptions): Promise<ExitCode> => {
        const snapshot = await controlClient(options, cli).call<Snapshot>('GET', '/status');
        const lines = options.json ? [jsonText(snapshot)] : statusText(snapshot, tableWidth(cli.stdout));
        cli.stdout.write(`${lines.join('\n')}\n`);
        return snapshot.now.problems.length > 0 ? 1 : 0;
      }),
    );
  addExamples(command, ['holdline status', 'holdline status --json | jq .now.problems']);
}

export function registerWorkers(program: Command, cli: Cli): void {
  const command = program.command('workers').description('Lists the processes that hold the connections.');
  addControlOptions(command)
    .option('--json', 'print JSON, one worker a line')
    .action(
      cli.action(async (options: StatusOptions): Promise<ExitCode> => {
        const { now } = await controlClient(options, cli).call<Snapshot>('GET', '/status');
        const lines = options.json
          ? now.workers.map((each) => jsonText(each))
          : workersText(now, tableWidth(cli.stdout));
        cli.stdout.write(lines.map((line) => `${line}\n`).join(''));
        return 0;
      }),
    );
  addExamples(command, ['holdline workers']);
}
