import { type Command, InvalidArgumentError } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { nearest } from '../../base/nearest.ts';
import { type FieldName, fieldNamed, fields } from '../../registry/language/fields.ts';
import { type Page, pageRowsMax } from '../../registry/query.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import {
  type ConnectionColumn,
  connectionColumns,
  connectionTable,
  defaultColumns,
} from '../../report/edge/connections.ts';
import type { Cli } from '../command.ts';
import { type ExitCode, tableWidth } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';
import { addFilterOptions, type FilterOptions, filterFrom, filterSearch } from '../options/filter.ts';

interface LsOptions extends FilterOptions, ControlOptions {
  readonly json?: boolean;
  readonly limit: number;
  readonly columns: readonly ConnectionColumn[];
  readonly sort?: Sort;
  readonly watch?: boolean;
}

interface Sort {
  readonly field: FieldName;
  readonly down: boolean;
}

export function registerLs(program: Command, cli: Cli): void {
  const command = program
    .command('ls')
    .description('Lists the live connections, oldest first.')
    .argument('[filter...]', 'route:chat "rtt>200ms" "age>1h" user:ann (docs/filter.md)');
  addControlOptions(addFilterOptions(command))
    .option('--limit <number>', 'how many to show', limit, 100)
    .option(
      '--columns <names>',
      `which columns, of ${Object.keys(connectionColumns).join(', ')}`,
      columnNames,
      defaultColumns,
    )
    .option('--sort <field>', 'sort by this field of the filter; -field for the largest first', sortBy)
    .option('--watch', 'again each second')
    .option('--json', 'print JSON, one connection a line')
    .action(
      cli.action((words: readonly string[], options: LsOptions) =>
        options.watch === true ? watch(words, options, cli) : list(words, options, cli),
      ),
    );
  addExamples(command, [
    'holdline ls',
    'holdline ls route:chat "idle>5m" --sort -rtt --columns client,age,rtt,tags',
    'holdline ls --json | jq -r .id',
  ]);
}

/** Until it is ended; each time below the last, so that it can be scrolled back and piped. */
async function watch(words: readonly string[], options: LsOptions, cli: Cli): Promise<ExitCode> {
  for (;;) {
    if (cli.stdout.isTTY === true) cli.stdout.write(clearScreen);
    await list(words, options, cli);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Home, and erase what is below. */
const clearScreen = '\u001b[H\u001b[2J';

async function list(words: readonly string[], options: LsOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const query = filterSearch(filterFrom(options, words));
  if (options.sort !== undefined) {
    query.set('sort', options.sort.field);
    query.set('order', options.sort.down ? 'down' : 'up');
  }
  const rows: ConnectionRow[] = [];
  let matched = 0;
  let unanswered: readonly number[] = [];
  let cursor: string | null = null;
  do {
    query.set('limit', String(Math.min(pageRowsMax, options.limit - rows.length)));
    if (options.sort !== undefined) query.set('offset', String(rows.length));
    else if (cursor !== null) query.set('cursor', cursor);
    const page: Page & { readonly unanswered: readonly number[] } = await client.call('GET', `/connections?${query}`);
    rows.push(...page.rows);
    ({ matched, next: cursor, unanswered } = page);
    // A window has no cursor; it goes on as long as it brings something.
    if (options.sort !== undefined && page.rows.length > 0 && rows.length < matched) cursor = '';
  } while (cursor !== null && rows.length < options.limit);

  if (options.json) for (const row of rows) cli.stdout.write(`${jsonText(row)}\n`);
  else
    for (const line of tableOf(rows, matched, tableWidth(cli.stdout), options.columns)) cli.stdout.write(`${line}\n`);
  if (unanswered.length > 0)
    cli.stderr.write(
      `Connections are missing: no answer from ${unanswered.map((pid) => `worker ${pid}`).join(', ')}.\n`,
    );
  return 0;
}

export function tableOf(
  rows: readonly ConnectionRow[],
  matched: number,
  width: number,
  columns: readonly ConnectionColumn[] = defaultColumns,
): string[] {
  const number = `${matched.toLocaleString('en-US')} connection${matched === 1 ? '' : 's'}`;
  const count = rows.length < matched ? `${rows.length} of ${number}; --limit shows more` : number;
  return rows.length === 0 ? [count] : [...connectionTable(rows, width, columns), count];
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a number from 1 to 999999 is needed');
  return Number(text);
}

function columnNames(text: string): ConnectionColumn[] {
  return text.split(',').map((word) => {
    const name = word.trim();
    if (Object.hasOwn(connectionColumns, name)) return name as ConnectionColumn;
    const meant = nearest(name, Object.keys(connectionColumns));
    throw new InvalidArgumentError(
      `there is no column "${name}"${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    );
  });
}

function sortBy(text: string): Sort {
  const name = text.replace(/^-/, '');
  const field = fieldNamed(name);
  if (field !== undefined) return { field, down: text.startsWith('-') };
  const meant = nearest(name, Object.keys(fields));
  throw new InvalidArgumentError(`there is no field "${name}"${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}
