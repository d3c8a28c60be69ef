import type { Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import type { SendOutcome } from '../../gateway/surface.ts';
import { isEmptyFilter } from '../../registry/filter.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../control-client.ts';
import { addExamples } from '../help.ts';
import { addFilterOptions, type FilterOptions, filterFrom } from '../options/filter.ts';

interface SendOptions extends FilterOptions, ControlOptions {
  readonly json?: boolean;
  readonly id?: string;
  readonly binary?: string;
  readonly to: string;
  readonly all?: boolean;
}

export function registerSend(program: Command, cli: Cli): void {
  const command = program
    .command('send')
    .description('Sends a message of the edge’s own into one connection, or into every one that the filters name.')
    .argument('[id]', 'a connection, as holdline ls shows it; left out with filters or --all')
    .argument('[text]', 'the message, as text');
  addControlOptions(addFilterOptions(command))
    .option('--binary <hex>', 'the message, as bytes')
    .option('--to <side>', 'client or server', 'client')
    .option('--all', 'every connection')
    .option('--json', 'print JSON')
    .action(
      cli.action((first: string | undefined, second: string | undefined, options: SendOptions) => {
        const wanted = readTarget([first, second], options, (problem) => command.error(`error: ${problem}`));
        return send(wanted, options, cli);
      }),
    );
  addExamples(command, [
    'holdline send mgx3k2a1-1-00002a "hello"',
    'holdline send --route chat "the server restarts in a minute"',
    'holdline send mgx3k2a1-1-00002a --binary 00ff',
  ]);
}

interface Wanted {
  readonly id: string | null;
  readonly content: { readonly text: string } | { readonly base64: string };
}

/** With filters the only argument is the text; without, the first one is the id. */
function readTarget(
  words: readonly (string | undefined)[],
  options: SendOptions,
  refuse: (problem: string) => never,
): Wanted {
  const given = words.filter((word) => word !== undefined);
  const many = options.all === true || !isEmptyFilter(filterFrom(options));
  const id = many ? null : given.shift();
  if (id === undefined) return refuse('say which: an id, at least one filter, or --all');
  const text = given.shift();
  if (given.length > 0) return refuse('give either an id or filters, not both');
  if ((text === undefined) === (options.binary === undefined)) return refuse('give either a text or --binary');
  if (options.binary === undefined) return { id, content: { text: text ?? '' } };
  const hex = options.binary.replace(/\s/g, '');
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) return refuse('--binary takes pairs of hexadecimal digits, such as 00ff');
  return { id, content: { base64: Buffer.from(hex, 'hex').toString('base64') } };
}

async function send({ id, content }: Wanted, options: SendOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const { to } = options;
  const outcomes = await (id === null
    ? client.call<Record<SendOutcome, number>>('POST', '/messages', {
        ...content,
        to,
        filter: filterFrom(options),
        all: options.all === true,
      })
    : client.call<Record<SendOutcome, number>>('POST', `/connections/${encodeURIComponent(id)}/messages`, {
        ...content,
        to,
      }));
  const { sent, queued, full, closing, unknown } = outcomes;
  const missed = full + closing + unknown;
  if (options.json === true) {
    cli.stdout.write(`${jsonText({ sent, queued, full, closing, unknown })}\n`);
    return missed > 0 ? 1 : 0;
  }
  const parts = [`sent to ${sent + queued}`];
  if (full > 0) parts.push(`${full} had no room`);
  if (closing + unknown > 0) parts.push(`${closing + unknown} were on their way out`);
  cli.stdout.write(`${parts.join(', ')}\n`);
  return missed > 0 ? 1 : 0;
}
