import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../base/units.ts';
import type { ConnectionFilter } from '../../registry/filter.ts';

/** What commander makes of the filter options. */
export interface FilterOptions {
  readonly route?: string;
  readonly upstream?: string;
  readonly server?: string;
  readonly client?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly tag?: readonly string[];
  readonly state?: string;
  readonly compressed?: boolean;
  readonly minAge?: number;
  readonly idleFor?: number;
  /** In words. */
  readonly filter?: string;
}

/** The filter as the control API takes it: fields, and words that must hold, too. */
export interface WrittenFilter extends ConnectionFilter {
  readonly q?: string;
}

export function addFilterOptions(command: Command): Command {
  return command
    .option('--filter <filter>', 'only those that match, in words: route:chat rtt>200ms -user:ann (docs/filter.md)')
    .option('--route <name>', 'only those on this route')
    .option('--upstream <name>', 'only those on this upstream')
    .option('--server <url>', 'only those on this server; http:// may be left out')
    .option('--client <address>', 'only those from this client address')
    .option('--origin <origin>', 'only those from this origin; "" for none')
    .option('--host <host>', 'only those that asked for this host')
    .option(
      '--tag <name:value>',
      'only those with this tag (a name alone matches any value); may be repeated',
      collected,
    )
    .addOption(new Option('--state <state>', 'open or closing').choices(['open', 'closing']))
    .option('--compressed', 'only those that agreed on compression')
    .option('--min-age <duration>', 'only those open for at least this long (30s, 2h)', duration)
    .option('--idle-for <duration>', 'only those without a data frame for at least this long', duration);
}

/** The id of a connection has no operator in it; anything else is a filter. */
export function isId(words: readonly string[]): boolean {
  return words.length === 1 && /^[\w-]+$/.test(words[0]!);
}

/** `words`: a filter that stands as arguments, beside the options. */
export function filterFrom(options: FilterOptions, words: readonly string[] = []): WrittenFilter {
  const q = [...words, ...(options.filter === undefined ? [] : [options.filter])].join(' ').trim();
  const { route, upstream, server, client, origin, host, tag, state, compressed, minAge, idleFor } = options;
  return {
    route,
    upstream,
    server,
    client,
    origin,
    host,
    compressed,
    state: state as ConnectionFilter['state'],
    tags: tag === undefined ? undefined : Object.fromEntries(tag.map(tagOf)),
    minAgeMs: minAge,
    idleForMs: idleFor,
    ...(q === '' ? {} : { q }),
  };
}

/** The filter as the query of a GET request. */
export function filterSearch(filter: WrittenFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (name !== 'tags' && value !== undefined) query.set(name, String(value));
  }
  for (const [name, value] of Object.entries(filter.tags ?? {})) {
    query.append('tag', value === '' ? name : `${name}:${value}`);
  }
  return query;
}

function tagOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** Not commander's own lists: `--tag a ID` would take the id for a second tag. */
function collected(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function duration(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidArgumentError(parsed.problem);
  return parsed.value;
}
