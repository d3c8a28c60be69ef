import { type Command, InvalidArgumentError } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { type Page, pageRowsMax } from '../../registry/query.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import { type Column, renderTable } from '../../report/table.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../control-client.ts';
import { addExamples } from '../help.ts';
import { addFilterOptions, type FilterOptions, filterFrom, filterQuery } from '../options/filter.ts';

interface LsOptions extends FilterOptions, ControlOptions {
  readonly json?: boolean;
  readonly limit: number;
}

export function registerLs(program: Command, cli: Cli): void {
  const command = program.command('ls').description('Lists the live connections, oldest first.');
  addControlOptions(addFilterOptions(command))
    .option('--limit <number>', 'how many to show', limit, 100)
    .option('--json', 'print JSON, one connection a line')
    .action(cli.action((options: LsOptions) => list(options, cli)));
  addExamples(command, ['holdline ls', 'holdline ls --route chat --idle-for 5m', 'holdline ls --json | jq -r .id']);
}

async function list(options: LsOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const query = filterQuery(filterFrom(options));
  const rows: ConnectionRow[] = [];
  let matched = 0;
  let unanswered: readonly number[] = [];
  let cursor: string | null = null;
  do {
    query.set('limit', String(Math.min(pageRowsMax, options.limit - rows.length)));
    if (cursor !== null) query.set('cursor', cursor);
    const page: Page & { readonly unanswered: readonly number[] } = await client.call('GET', `/connections?${query}`);
    rows.push(...page.rows);
    ({ matched, next: cursor, unanswered } = page);
  } while (cursor !== null && rows.length < options.limit);

  if (options.json) for (const row of rows) cli.stdout.write(`${jsonText(row)}\n`);
  else for (const line of tableOf(rows, matched, cli.stdout.columns ?? widthDefault)) cli.stdout.write(`${line}\n`);
  if (unanswered.length > 0)
    cli.stderr.write(
      `Connections are missing: no answer from ${unanswered.map((pid) => `worker ${pid}`).join(', ')}.\n`,
    );
  return 0;
}

/** What a terminal has had for as long as there have been terminals. */
const widthDefault = 80;

export function tableOf(rows: readonly ConnectionRow[], matched: number, width: number): string[] {
  const number = `${matched.toLocaleString('en-US')} connection${matched === 1 ? '' : 's'}`;
  const count = rows.length < matched ? `${rows.length} of ${number}; --limit shows more` : number;
  return rows.length === 0 ? [count] : [...renderTable(rows, columns, width), count];
}

const columns: readonly Column<ConnectionRow>[] = [
  { title: 'ID', align: 'left', shrinks: false, cell: (row) => row.id },
  { title: 'AGE', align: 'right', shrinks: false, cell: (row) => shortTime(row.ageMs) },
  { title: 'IDLE', align: 'right', shrinks: false, cell: (row) => shortTime(row.idleMs) },
  { title: 'CLIENT', align: 'left', shrinks: true, cell: (row) => row.clientAddress },
  { title: 'ROUTE', align: 'left', shrinks: true, cell: (row) => row.route },
  { title: 'SERVER', align: 'left', shrinks: true, cell: (row) => row.server.replace(/^https?:\/\//, '') },
  { title: 'IN', align: 'right', shrinks: false, cell: (row) => shortCount(row.clientMessages) },
  { title: 'OUT', align: 'right', shrinks: false, cell: (row) => shortCount(row.serverMessages) },
];

/** One unit, rounded down: what matters is how long about. */
function shortTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 100) return `${seconds}s`;
  if (seconds < 100 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 100 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

function shortCount(count: number): string {
  if (count < 10_000) return String(count);
  if (count < 10_000_000) return `${Math.floor(count / 1000)}k`;
  return `${Math.floor(count / 1_000_000)}M`;
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a number from 1 to 999999 is needed');
  return Number(text);
}
