import type { Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import type { DrainRow } from '../../control/drain/job.ts';
import { isEmptyFilter } from '../../registry/filter.ts';
import { drainLine } from '../../report/edge/drain.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { showDrain } from '../edge/drain-watch.ts';
import { addExamples } from '../help.ts';
import { addFilterOptions, type FilterOptions, filterFrom, type WrittenFilter } from '../options/filter.ts';
import { addPaceOptions, type PaceOptions, paceBody } from '../options/pace.ts';
import { number } from '../options/value.ts';

interface DrainOptions extends FilterOptions, PaceOptions, ControlOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly worker?: number;
  readonly list?: boolean;
  readonly cancel?: string;
}

export function registerDrain(program: Command, cli: Cli): void {
  const command = program
    .command('drain')
    .description(
      'Closes every connection that the filters match, at a pace, between messages. New ones are still let in: holdline gate close refuses them, and holdline servers drain keeps them off a server.',
    )
    .argument('[filter...]', 'route:chat "idle>1h" (docs/filter.md)');
  addControlOptions(addPaceOptions(addFilterOptions(command)))
    .option('--worker <pid>', 'only those on the worker with this process id', number)
    .option('--all', 'every connection')
    .option('--json', 'with --list: print JSON, one drain a line')
    .option('--list', 'show the running drains, and the last that ended')
    .option('--cancel <drain>', 'stop one where it is, as in --cancel d3')
    .action(
      cli.action((words: readonly string[], options: DrainOptions) => {
        const filter = filterFrom(options, words);
        const named = options.all === true || options.worker !== undefined || !isEmptyFilter(filter);
        if ((options.list === true || options.cancel !== undefined) && named)
          command.error('error: --list and --cancel take no filters');
        if (options.list === true) return list(options, cli);
        if (options.cancel !== undefined) return cancel(options.cancel, options, cli);
        if (!named) command.error('error: say which: at least one filter, --worker, or --all');
        return drain(filter, options, cli);
      }),
    );
  addExamples(command, [
    'holdline drain --route chat --rate 2%/s --watch',
    'holdline drain "idle>1h" --order idlest --code 4000 --reason "idle"',
    'holdline drain --cancel d3',
  ]);
}

async function drain(filter: WrittenFilter, options: DrainOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const { worker, all = false } = options;
  const body = { ...paceBody(options), filter, worker, all };
  const row = await client.call<DrainRow>('POST', '/drains', body);
  return showDrain(row, options.watch === true, client, cli);
}

async function list(options: ControlOptions & { readonly json?: boolean }, cli: Cli): Promise<ExitCode> {
  const { drains } = await controlClient(options, cli).call<{ drains: DrainRow[] }>('GET', '/drains');
  if (drains.length === 0) cli.stderr.write('no drains\n');
  for (const row of drains) cli.stdout.write(`${options.json === true ? jsonText(row) : drainLine(row)}\n`);
  return 0;
}

async function cancel(id: string, options: ControlOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const row = await client.call<DrainRow>('POST', `/drains/${encodeURIComponent(id)}/cancel`);
  cli.stdout.write(`${drainLine(row)}\n`);
  return 0;
}
