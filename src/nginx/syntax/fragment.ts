/** Files that are meant to be included: which blocks they stand in. */

import { contextAtTop } from './contexts.ts';
import { factsOf } from './directives.ts';
import type { ConfigFile } from './tree.ts';

/** Reads `http,server` or `http server location`; null when a word is none of the blocks. */
export function parseContext(text: string): readonly string[] | null {
  const words = text.split(/[\s,>]+/).filter((word) => word !== '');
  const known = words.every((word) => blockWords.has(word));
  return known && words.length > 0 ? words.filter((word) => word !== 'main') : null;
}

/** What `# holdline:context http,server` in a comment of the file says, or null without one. */
export function contextOfText(file: ConfigFile): readonly string[] | null {
  for (const { start, end } of file.comments) {
    const match = /^#+\s*holdline:context[\s=:]\s*(.*)$/.exec(file.text.slice(start, Math.min(end, start + 200)));
    if (match !== null) return parseContext(match[1]!.trim());
  }
  return null;
}

/**
 * The blocks in which all directives at the top of the file may stand: the outermost such place, or none when the
 * file is whole, empty, or fits nowhere. Unknown directives do not count.
 */
export function guessContext(file: ConfigFile): readonly string[] {
  const rows = file.directives.map(({ name }) => factsOf(name)).filter((facts) => facts.length > 0);
  return (
    places.find((context) => {
      const place = contextAtTop({ context });
      return rows.every((facts) => facts.some(({ contexts }) => place !== null && contexts.includes(place)));
    }) ?? []
  );
}

/** From the outside inwards; the HTTP blocks come first because most fragments are theirs. */
const places: readonly (readonly string[])[] = [
  [],
  ['http'],
  ['http', 'server'],
  ['http', 'server', 'location'],
  ['http', 'upstream'],
  ['events'],
  ['stream'],
  ['stream', 'server'],
];

const blockWords = new Set([
  'main',
  'events',
  'http',
  'server',
  'location',
  'if',
  'limit_except',
  'upstream',
  'stream',
  'mail',
]);
