import type { Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { renderTable } from '../../report/table.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, tableWidth } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface CountsOptions extends ControlOptions {
  readonly filter?: string;
  readonly json?: boolean;
}

export function registerCounts(program: Command, cli: Cli): void {
  const command = program
    .command('counts')
    .description('Counts the live connections by one of their fields or, with "cause", those that have ended.')
    .argument('[field]', 'route, server, client, network, browser, origin, tag:NAME … or cause', 'route');
  addControlOptions(command)
    .option('--filter <filter>', 'only those that match (route:chat rtt>200ms; see docs/filter.md)')
    .option('--json', 'print JSON')
    .action(
      cli.action(async (field: string, options: CountsOptions): Promise<ExitCode> => {
        const query = new URLSearchParams({
          by: field,
          ...(options.filter === undefined ? {} : { q: options.filter }),
        });
        const { counts } = await controlClient(options, cli).call<{ counts: Record<string, number> }>(
          'GET',
          `/counts?${query}`,
        );
        if (options.json) cli.stdout.write(`${jsonText(counts)}\n`);
        else if (Object.keys(counts).length === 0)
          cli.stderr.write(field === 'cause' ? 'nobody has left yet\n' : 'nobody is connected\n');
        else for (const line of tableOf(counts, field, tableWidth(cli.stdout))) cli.stdout.write(`${line}\n`);
        return 0;
      }),
    );
  addExamples(command, [
    'holdline counts browser',
    'holdline counts tag:room --filter "route:chat"',
    'holdline counts cause',
  ]);
}

function tableOf(counts: Readonly<Record<string, number>>, field: string, width: number): string[] {
  return renderTable(
    Object.entries(counts),
    [
      { title: 'NUMBER', align: 'right', shrinks: false, cell: ([, number]) => number.toLocaleString('en-US') },
      { title: field.toUpperCase(), align: 'left', shrinks: true, cell: ([name]) => name },
    ],
    width,
  );
}
