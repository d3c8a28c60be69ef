/** Tells from what stands at the top of a file which blocks it is meant to be included in. */

import { factsOf } from '../facts/directives.ts';
import type { Context } from '../facts/facts.ts';
import type { ReadConfiguration } from '../syntax/configuration.ts';
import { contextOfText } from '../syntax/fragment.ts';
import type { ConfigFile } from '../syntax/tree.ts';

const blocksAround: Readonly<Record<'http' | 'server' | 'location', readonly string[]>> = {
  http: ['http'],
  server: ['http', 'server'],
  location: ['http', 'server', 'location'],
};

/**
 * The blocks around a fragment, outermost first; empty for a whole configuration, and for what fits nowhere. A file
 * with blocks in it belongs as far out as it can, one of plain lines (a snippet of proxy settings) as far in.
 */
export function guessContext({ directives }: Pick<ConfigFile, 'directives'>): readonly string[] {
  const known = directives.filter(({ name }) => name !== 'include' && factsOf(name).length > 0);
  const fits = (context: Context) =>
    known.every(({ name }) => factsOf(name).some(({ contexts }) => contexts.includes(context)));
  if (known.length === 0 || fits('main')) return [];
  const hasBlocks = known.some(({ block }) => block !== null);
  const order = hasBlocks ? (['http', 'server', 'location'] as const) : (['location', 'server', 'http'] as const);
  const found = order.find(fits);
  return found === undefined ? [] : blocksAround[found];
}

export interface ReadAround {
  readonly read: ReadConfiguration;
  /** The blocks that were taken for those around the file; null when the caller named none and none was guessed. */
  readonly context: readonly string[] | null;
  readonly from: 'option' | 'comment' | 'guess';
}

/**
 * Reads with the context that is given, else with what a comment in the file says, else with what its lines suggest.
 */
export function readAround(
  given: readonly string[] | null,
  read: (context: readonly string[] | null) => ReadConfiguration,
): ReadAround {
  const first = read(given);
  if (given !== null) return { read: first, context: given, from: 'option' };
  if (contextOfText(first.value.root) !== null) return { read: first, context: null, from: 'comment' };
  const context = guessContext(first.value.root);
  return context.length === 0
    ? { read: first, context: null, from: 'guess' }
    : { read: read(context), context, from: 'guess' };
}
