import { type Command, InvalidArgumentError } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import type { HistoryPage } from '../../registry/history/search.ts';
import { historyText } from '../../report/edge/history.ts';
import { localTime } from '../../report/edge/short.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, tableWidth } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';

interface HistoryOptions extends ControlOptions {
  readonly since?: string;
  readonly until?: string;
  readonly cause?: string;
  readonly tag?: string;
  readonly client?: string;
  readonly route?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function registerHistory(program: Command, cli: Cli): void {
  const command = program
    .command('history')
    .description('Lists connections that have ended, newest first: who, when, after how long, and why.')
    .argument('[filter...]', 'user:ann cause:server-gone age>1h … (docs/filter.md)');
  addControlOptions(command)
    .option('--since <time>', 'a duration before now (1h), or a time (2026-11-26T14:00)')
    .option('--until <time>', 'the same')
    .option('--cause <cause>', 'the same as cause:CAUSE')
    .option('--tag <name:value>', 'the same as tag:NAME:VALUE')
    .option('--client <address>', 'the same as client:ADDRESS')
    .option('--route <name>', 'the same as route:NAME')
    .option('--limit <number>', 'how many to show, at most 1000', limit, 100)
    .option('--json', 'print JSON, one connection a line')
    .action(
      cli.action(async (words: readonly string[], options: HistoryOptions): Promise<ExitCode> => {
        const query = new URLSearchParams({ q: filterText(words, options), limit: String(options.limit) });
        for (const name of ['since', 'until'] as const) {
          const value = options[name];
          if (value !== undefined) query.set(name, value);
        }
        const page = await controlClient(options, cli).call<HistoryPage>('GET', `/history?${query}`);
        if (options.json) for (const row of page.rows) cli.stdout.write(`${jsonText(row)}\n`);
        else if (page.rows.length > 0)
          for (const line of historyText(page.rows, tableWidth(cli.stdout))) cli.stdout.write(`${line}\n`);
        if (page.rows.length === 0) {
          const since = page.remembersSinceMs;
          const words =
            since === null ? 'nobody has left yet' : `nobody; what ended before ${localTime(since)} is not remembered`;
          cli.stderr.write(`${words}\n`);
        }
        return 0;
      }),
    );
  addExamples(command, [
    'holdline history user:ann --since 1h',
    'holdline history --cause server-gone --since 2026-11-26T14:00 --until 2026-11-26T14:05',
  ]);
}

function filterText(words: readonly string[], options: HistoryOptions): string {
  const more = (['cause', 'tag', 'client', 'route'] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined
      ? []
      : [`${name}:${/^[^\s",*]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`];
  });
  return [...words, ...more].join(' ');
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,2}$|^1000$/.test(text)) throw new InvalidArgumentError('a number from 1 to 1000 is needed');
  return Number(text);
}
