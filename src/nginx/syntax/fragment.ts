/** Files that are meant to be included: which blocks they stand in. */

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
