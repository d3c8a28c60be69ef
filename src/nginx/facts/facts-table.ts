/**
 * Reads the rows in directives/. One line is one directive in one module, in the order
 *
 *     name contexts counts value [adds|last] [set|none] [since V] [backported V] [until V] [obsolete V [use NAME]] [= default]
 *
 * - contexts, one letter each: M main, E events, H http, S server, L location, U upstream, s if in server, l if in
 *   location, x limit_except. In a stream module H, S, U are stream's blocks, in a mail module H and S are mail's.
 * - counts of arguments: `1`, `1-3`, `1,3`, `2+`; `{` behind means that a block follows, `{data` that the block holds
 *   no directives (map, types).
 * - value: `any`, `flag`, `time`, `time-seconds`, `size`, `offset`, `number`, `buffers`, `enum(…)`, `bitmask(…)`.
 * - what a second one does: an error unless it says `adds` or `last` (the last one wins).
 * - how inner blocks get it: the value unless it says `set` (all lines or none) or `none`.
 *
 * A directive that changed has a row for each span of versions. The contexts, counts and value kinds are those of the
 * command tables in nginx 1.22.1 and its dynamic modules; newer rows and defaults follow the manual.
 */

import { findVersion, type NginxVersion } from '../../base/nginx-version.ts';
import type { Context, DirectiveFacts, Inheritance, Repetition, ValueKind } from './facts.ts';

export function readRows(module: string, rows: string, thirdParty: boolean): DirectiveFacts[] {
  const lines = rows.split('\n').filter((line) => line !== '');
  return lines.map((line) => readRow(module, line, thirdParty));
}

const httpContexts: Record<string, Context> = {
  M: 'main',
  E: 'events',
  H: 'http',
  S: 'server',
  L: 'location',
  U: 'upstream',
  s: 'if:server',
  l: 'if:location',
  x: 'limit_except',
};
const streamContexts: Record<string, Context> = { M: 'main', H: 'stream', S: 'stream:server', U: 'stream:upstream' };
const mailContexts: Record<string, Context> = { M: 'main', H: 'mail', S: 'mail:server' };

/** nginx takes at most seven arguments where it counts them (NGX_CONF_MAX_ARGS counts the name too). */
const argumentsMax = 7;

function readRow(module: string, line: string, thirdParty: boolean): DirectiveFacts {
  const equals = line.indexOf(' = ');
  const [name, letters, countsText, valueText, ...marks] = (equals < 0 ? line : line.slice(0, equals)).split(' ');
  const [value, list] = valueText!.split(/[()]/);
  const counts = countsOf(countsText!.replace(/\{.*/, ''));
  const facts = {
    name: name!,
    module,
    contexts: contextsOf(module, letters!),
    counts,
    countMin: Math.min(...counts),
    countMax: countsText!.includes('+') ? Number.POSITIVE_INFINITY : Math.max(...counts),
    block: countsText!.includes('{'),
    dataBlock: countsText!.endsWith('{data'),
    value: value as ValueKind,
    words: list?.split(',') ?? [],
    default: equals < 0 ? null : line.slice(equals + 3),
    repetition: 'error' as Repetition,
    inheritance: 'value' as Inheritance,
    since: null as NginxVersion | null,
    backportedSince: null as NginxVersion | null,
    until: null as NginxVersion | null,
    obsoleteSince: null as NginxVersion | null,
    insteadUse: null as string | null,
    thirdParty,
  };
  for (let at = 0; at < marks.length; at++) {
    const mark = marks[at]!;
    if (mark === 'adds' || mark === 'last') facts.repetition = mark;
    else if (mark === 'set' || mark === 'none') facts.inheritance = mark;
    else if (mark === 'since') facts.since = findVersion(marks[++at]!);
    else if (mark === 'backported') facts.backportedSince = findVersion(marks[++at]!);
    else if (mark === 'until') facts.until = findVersion(marks[++at]!);
    else if (mark === 'obsolete') facts.obsoleteSince = findVersion(marks[++at]!);
    else if (mark === 'use') facts.insteadUse = marks[++at]!;
    else throw new TypeError(`"${mark}" in the row of ${name} means nothing`);
  }
  return facts;
}

function contextsOf(module: string, letters: string): readonly Context[] {
  if (module === 'conf') return [...new Set([httpContexts, streamContexts, mailContexts].flatMap(Object.values))];
  const byLetter = module.startsWith('stream_')
    ? streamContexts
    : module.startsWith('mail_')
      ? mailContexts
      : httpContexts;
  return Array.from(letters, (letter) => byLetter[letter]!);
}

/** `2+` gives one count, its minimum. */
function countsOf(text: string): readonly number[] {
  if (text.includes(',')) return text.split(',').map(Number);
  const [from, to] = text.split(/[-+]/);
  const last = to === undefined || to === '' ? Number(from) : Math.min(Number(to), argumentsMax);
  return Array.from({ length: last - Number(from) + 1 }, (_, index) => Number(from) + index);
}
