import { type Command, InvalidArgumentError } from 'commander';
import { isEmptyFilter } from '../../registry/filter.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../control-client.ts';
import { addExamples } from '../help.ts';
import { addFilterOptions, type FilterOptions, filterFrom } from '../options/filter.ts';

interface KickOptions extends FilterOptions, ControlOptions {
  readonly code: number;
  readonly reason: string;
  readonly all?: boolean;
}

export function registerKick(program: Command, cli: Cli): void {
  const command = program
    .command('kick')
    .description('Closes one connection by its id, or every one that the filters name, with a close code and a reason.')
    .argument('[id]', 'a connection, as holdline ls shows it');
  addControlOptions(addFilterOptions(command))
    .option('--code <code>', 'close code', closeCode, 1008)
    .option('--reason <text>', 'at most 123 bytes', '')
    .option('--all', 'every connection')
    .action(
      cli.action((id: string | undefined, options: KickOptions) => {
        const filter = filterFrom(options);
        if (id !== undefined && (options.all === true || !isEmptyFilter(filter))) {
          command.error('error: give either an id or filters, not both');
        }
        if (id === undefined && options.all !== true && isEmptyFilter(filter)) {
          command.error('error: say which: an id, at least one filter, or --all');
        }
        return kick(id, options, cli);
      }),
    );
  addExamples(command, [
    'holdline kick mgx3k2a1-1-00002a --code 4001 --reason "please sign in again"',
    'holdline kick --route chat --idle-for 1h',
  ]);
}

async function kick(id: string | undefined, options: KickOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const { code, reason } = options;
  const { closed, etaMs = 0 } = await (id === undefined
    ? client.call<{ closed: number; etaMs?: number }>('POST', '/connections/close', {
        code,
        reason,
        filter: filterFrom(options),
        all: options.all === true,
      })
    : client.call<{ closed: number; etaMs?: number }>('POST', `/connections/${encodeURIComponent(id)}/close`, {
        code,
        reason,
      }));
  const pace = etaMs >= 1000 ? `, over ${(etaMs / 1000).toFixed(1)} s` : '';
  cli.stdout.write(`${closed} connection${closed === 1 ? '' : 's'} closed with ${code}${pace}\n`);
  // As with pkill and grep: nobody was there whom it could have been about.
  return closed === 0 ? 1 : 0;
}

function closeCode(text: string): number {
  if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError('a close code such as 1008 or 4001 is needed');
  return Number(text);
}
