import { type Command, InvalidArgumentError } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { isEmptyFilter } from '../../registry/filter.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';
import { addFilterOptions, type FilterOptions, filterFrom, isId, type WrittenFilter } from '../options/filter.ts';

interface KickOptions extends FilterOptions, ControlOptions {
  readonly json?: boolean;
  readonly code: number;
  readonly reason: string;
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

export function registerKick(program: Command, cli: Cli): void {
  const command = program
    .command('kick')
    .description(
      'Closes one connection by its id, or every one that the filters match, with a close code and a reason.',
    )
    .argument(
      '[which...]',
      'a connection, as holdline ls shows it, or a filter: route:chat "idle>1h" (docs/filter.md)',
    );
  addControlOptions(addFilterOptions(command))
    .option('--code <code>', 'close code', closeCode, 1008)
    .option('--reason <text>', 'at most 123 bytes', '')
    .option('--all', 'every connection')
    .option('--json', 'print JSON')
    .option('--dry-run', 'say how many it would close, and close none')
    .action(
      cli.action((which: readonly string[], options: KickOptions) => {
        const id = isId(which) ? which[0] : undefined;
        const filter = filterFrom(options, id === undefined ? which : []);
        if (id !== undefined && (options.all === true || !isEmptyFilter(filter))) {
          command.error('error: give either an id or filters, not both');
        }
        if (id === undefined && options.all !== true && isEmptyFilter(filter)) {
          command.error('error: say which: an id, at least one filter, or --all');
        }
        if (id !== undefined && options.dryRun === true) command.error('error: --dry-run is for filters');
        return kick(id, filter, options, cli);
      }),
    );
  addExamples(command, [
    'holdline kick mgx3k2a1-1-00002a --code 4001 --reason "please sign in again"',
    'holdline kick route:chat "idle>1h" --dry-run',
  ]);
}

async function kick(id: string | undefined, filter: WrittenFilter, options: KickOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const { code, reason } = options;
  if (options.dryRun === true) {
    const { count } = await client.call<{ count: number }>('POST', '/previews', { filter, all: options.all === true });
    const sentence = `${count} connection${count === 1 ? '' : 's'} would be closed with ${code}`;
    cli.stdout.write(`${options.json === true ? jsonText({ wouldClose: count }) : sentence}\n`);
    return count === 0 ? 1 : 0;
  }
  const { closed, etaMs = 0 } = await (id === undefined
    ? client.call<{ closed: number; etaMs?: number }>('POST', '/connections/close', {
        code,
        reason,
        filter,
        all: options.all === true,
      })
    : client.call<{ closed: number; etaMs?: number }>('POST', `/connections/${encodeURIComponent(id)}/close`, {
        code,
        reason,
      }));
  if (options.json === true) {
    cli.stdout.write(`${jsonText({ closed, etaMs })}\n`);
    return closed === 0 ? 1 : 0;
  }
  const pace = etaMs >= 1000 ? `, over ${(etaMs / 1000).toFixed(1)} s` : '';
  cli.stdout.write(`${closed} connection${closed === 1 ? '' : 's'} closed with ${code}${pace}\n`);
  // As with pkill and grep: nobody was there whom it could have been about.
  return closed === 0 ? 1 : 0;
}

function closeCode(text: string): number {
  if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError('a close code such as 1008 or 4001 is needed');
  return Number(text);
}
