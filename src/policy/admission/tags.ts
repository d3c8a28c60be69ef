/** Tags of a connection: short words that authorizers and hooks attach, and that people filter and count by. */

import { emptyRecord } from '../../base/record.ts';

export interface ReadTags {
  readonly tags: Readonly<Record<string, string>>;
  /** What was not taken, and why, one sentence each. */
  readonly problems: readonly string[];
}

export const tagPrefix = 'x-holdline-tag-';

/** Every tag is kept for each live connection, and shown in a list: enough for tenant, user, plan and a few more. */
export const tagsMax = 16;
/** A name is a column; longer ones are mistakes. */
export const tagNameLengthMax = 32;
/**
 * Holds a UUID, an address or a user's id three times over. With the other bounds, tags take 3 KiB of a connection at
 * most.
 */
export const tagValueLengthMax = 128;

/** Takes the `X-Holdline-Tag-Name: value` headers; names become lower case. Of two with one name the first counts. */
export function readTags(headers: readonly (readonly [name: string, value: string])[]): ReadTags {
  const tags = emptyRecord<string>();
  const problems: string[] = [];
  let count = 0;
  for (const [header, value] of headers) {
    const lower = header.toLowerCase();
    if (!lower.startsWith(tagPrefix)) continue;
    const name = lower.slice(tagPrefix.length);
    const problem = tagProblem(name, value);
    if (problem === null && Object.hasOwn(tags, name)) continue;
    if (problem !== null) problems.push(problem);
    else if (count === tagsMax) problems.push(`tag "${name}": a connection has ${tagsMax} tags at the most`);
    else {
      tags[name] = value;
      count++;
    }
  }
  // The sender decides how many are wrong; a log line needs to hear of the first few.
  return { tags, problems: problems.slice(0, 4) };
}

/**
 * What is wrong with a tag, or null. Names are a letter, then letters, digits, `-` and `_`, all lower case; values
 * printable ASCII.
 */
export function tagProblem(name: string, value: string): string | null {
  const shown = name.slice(0, tagNameLengthMax);
  if (name.length > tagNameLengthMax) return `tag "${shown}…": the name is longer than ${tagNameLengthMax} characters`;
  if (!isTagName(name)) return `tag "${shown}": a name is a letter, then letters, digits, - and _`;
  if (value.length === 0) return `tag "${shown}": the value is empty`;
  if (value.length > tagValueLengthMax)
    return `tag "${shown}": the value is longer than ${tagValueLengthMax} characters`;
  for (let index = 0; index < value.length; index++) {
    const character = value.charCodeAt(index);
    if (character < 0x20 || character > 0x7e) return `tag "${shown}": the value is not printable ASCII`;
  }
  return null;
}

function isTagName(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    const character = name.charCodeAt(index);
    const letter = character >= 0x61 && character <= 0x7a;
    const other = (character >= 0x30 && character <= 0x39) || character === 0x2d || character === 0x5f;
    if (!letter && (index === 0 || !other)) return false;
  }
  return name.length > 0;
}
