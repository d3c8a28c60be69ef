import type { Command } from 'commander';
import { jsonText } from '../../base/json-text.ts';
import { printable } from '../../base/printable.ts';
import type { SendOutcome } from '../../gateway/contract.ts';
import { isEmptyFilter } from '../../registry/filter.ts';
import type { Cli } from '../command.ts';
import type { ExitCode } from '../context.ts';
import { addControlOptions, type ControlOptions, controlClient } from '../edge/control-client.ts';
import { addExamples } from '../help.ts';
import { addFilterOptions, type FilterOptions, filterFrom, isId, type WrittenFilter } from '../options/filter.ts';

interface SendOptions extends FilterOptions, ControlOptions {
  readonly json?: boolean;
  readonly binary?: string;
  readonly to: string;
  readonly all?: boolean;
}

export function registerSend(program: Command, cli: Cli): void {
  const command = program
    .command('send')
    .description('Sends a message from the edge into one connection, or into every one that the filters match.')
    .usage('[options] [which...] [text]')
    .argument(
      '[words...]',
      'which: a connection, as holdline ls shows it, or a filter: route:chat "idle>1h" (docs/filter.md); then the text',
    );
  addControlOptions(addFilterOptions(command))
    .option('--binary <hex>', 'the message, as bytes in hexadecimal')
    .option('--to <side>', 'client or server', 'client')
    .option('--all', 'every connection')
    .option('--json', 'print JSON')
    .action(
      cli.action((words: readonly string[], options: SendOptions) => {
        const wanted = readTarget(words, options, (problem) => command.error(`error: ${problem}`));
        return send(wanted, options, cli);
      }),
    );
  addExamples(command, [
    'holdline send mgx3k2a1-1-00002a "hello"',
    'holdline send route:chat "the server restarts in a minute"',
    'holdline send mgx3k2a1-1-00002a --binary 00ff',
  ]);
}

interface Wanted {
  /** Null: all that the filter names. */
  readonly id: string | null;
  readonly filter: WrittenFilter;
  readonly content: { readonly text: string } | { readonly base64: string };
}

/** The last word is the text, unless --binary gives the message; those before it are an id or a filter. */
function readTarget(words: readonly string[], options: SendOptions, refuse: (problem: string) => never): Wanted {
  const which = options.binary === undefined ? words.slice(0, -1) : words;
  const id = isId(which) ? which[0]! : null;
  const filter = filterFrom(options, id === null ? which : []);
  const many = options.all === true || !isEmptyFilter(filter);
  const text = words.length > which.length ? words.at(-1) : undefined;
  if (id !== null && many) return refuse('give either an id or filters, not both');
  if (id === null && !many) return refuse('say which: an id, at least one filter, or --all; then the text');
  if ((text === undefined) === (options.binary === undefined)) return refuse('give either a text or --binary');
  // Otherwise a text without quotes would go, by its last word, to whoever has the others in their address.
  const bare = id === null ? which.find((word) => !/[:<>=~]/.test(word)) : undefined;
  if (bare !== undefined)
    return refuse(`"${printable(bare)}" is neither an id nor a condition; put the text in quotes`);
  if (options.binary === undefined) return { id, filter, content: { text: text ?? '' } };
  const hex = options.binary.replace(/\s/g, '');
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(hex)) return refuse('--binary takes pairs of hexadecimal digits, such as 00ff');
  return { id, filter, content: { base64: Buffer.from(hex, 'hex').toString('base64') } };
}

async function send({ id, filter, content }: Wanted, options: SendOptions, cli: Cli): Promise<ExitCode> {
  const client = controlClient(options, cli);
  const { to } = options;
  const outcomes = await (id === null
    ? client.call<Record<SendOutcome, number>>('POST', '/messages', {
        ...content,
        to,
        filter,
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
