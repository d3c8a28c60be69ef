/**
 * Times, sizes and numbers exactly as nginx reads them (src/core/ngx_parse.c), which is narrower and odder than one
 * would think.
 */

import { isSince, type NginxVersion, versionNewest } from '../../base/nginx-version.ts';
import { unknownLetter } from '../syntax/template/mask.ts';
import type { DirectiveFacts } from './facts.ts';

/** Milliseconds of a time such as `60s`, `1h 30m`, `1500ms` or a bare number of seconds; null when nginx refuses it. */
export function parseTimeMs(text: string): number | null {
  return readTime(text, 'ms');
}

/** Seconds; unlike the other this one takes `y` and `M` and no `ms`. */
export function parseTimeSeconds(text: string): number | null {
  return readTime(text, 's');
}

/** Bytes: digits and at most one of `k`, `m` in either case. */
export function parseSizeBytes(text: string): number | null {
  return readSize(text, /^(\d+)([km]?)$/i);
}

/** Bytes, `g` allowed too: for limits of bodies and files. */
export function parseOffsetBytes(text: string): number | null {
  return readSize(text, /^(\d+)([kmg]?)$/i);
}

/** Why an argument list does not suit the directive's kind of value, or null when it does or cannot be told. */
export function valueProblem(
  facts: DirectiveFacts,
  args: readonly string[],
  target: NginxVersion = versionNewest,
): string | null {
  if (args.some((arg) => arg.includes(unknownLetter))) return null;
  const [first = '', second = ''] = args;
  switch (facts.value) {
    case 'any':
      return null;
    case 'flag':
      return /^(?:on|off)$/i.test(first) ? null : 'it must be "on" or "off"';
    case 'time':
      return parseTimeMs(first) !== null ? null : 'it must be a time such as 60s, 5m or 1h';
    case 'time-seconds':
      return parseTimeSeconds(first) !== null ? null : 'it must be a time such as 60s, 5m or 1d';
    case 'size':
      if (variableSizes.has(facts.name) && first.includes('$'))
        return isSince(target, [1, 27, 0]) ? null : 'it takes variables since nginx 1.27.0';
      return parseSizeBytes(first) !== null ? null : 'it must be a size such as 4k or 1m';
    case 'offset':
      return parseOffsetBytes(first) !== null ? null : 'it must be a size such as 4k, 1m or 1g';
    case 'number':
      return readSize(first, /^(\d+)()$/) !== null ? null : 'it must be a number';
    case 'buffers':
      return Number(first) > 0 && /^\d+$/.test(first) && (parseSizeBytes(second) ?? 0) > 0
        ? null
        : 'it must be a number and a size, such as 8 4k';
    case 'enum':
    case 'bitmask': {
      const isKnown = (arg: string) => facts.words.some((word) => word.toLowerCase() === arg.toLowerCase());
      return args.every((arg) => facts.words.includes(arg) || isKnown(arg))
        ? null
        : `it must be ${listed(facts.words)}`;
    }
  }
}

/** Since 1.27.0 these take variables, whose values cannot be checked. */
const variableSizes = new Set(['proxy_limit_rate', 'fastcgi_limit_rate', 'scgi_limit_rate', 'uwsgi_limit_rate']);

/** NGX_MAX_INT_T_VALUE on 64 bits. */
const integerMax = 9_223_372_036_854_775_807n;

const secondMs = 1000n;
const hourMs = 3600n * secondMs;
const dayMs = 24n * hourMs;

/** Units in the order in which they may follow one another. A year and a month are for seconds only. */
const units: Record<string, { readonly rank: number; readonly ms: bigint }> = {
  y: { rank: 1, ms: 365n * dayMs },
  M: { rank: 2, ms: 30n * dayMs },
  w: { rank: 3, ms: 7n * dayMs },
  d: { rank: 4, ms: dayMs },
  h: { rank: 5, ms: hourMs },
  m: { rank: 6, ms: 60n * secondMs },
  s: { rank: 7, ms: secondMs },
  ' ': { rank: 7, ms: secondMs },
  ms: { rank: 8, ms: 1n },
};

/** What nearly everybody writes, and too small to need care with large numbers. */
const simpleTime = /^(\d{1,9})(ms|[smhdw]?)$/;

function readTime(text: string, precision: 'ms' | 's'): number | null {
  const simple = simpleTime.exec(text);
  if (simple !== null && !(precision === 's' && simple[2] === 'ms')) {
    const ms = Number(simple[1]) * Number(units[simple[2] === '' ? 's' : simple[2]!]!.ms);
    return precision === 'ms' ? ms : ms / 1000;
  }
  const divisor = precision === 'ms' ? 1n : secondMs;
  let rank = precision === 'ms' ? 2 : 0;
  let total = 0n;
  let value = 0n;
  let digits = false;
  let at = 0;
  while (at < text.length) {
    const number = /^\d+/.exec(text.slice(at, at + digitsMax))?.[0];
    if (number !== undefined) {
      value = value * 10n ** BigInt(number.length) + BigInt(number);
      if (value > integerMax) return null;
      digits = true;
      at += number.length;
      continue;
    }
    const name = text.startsWith('ms', at) ? 'ms' : text[at]!;
    const unit = Object.hasOwn(units, name) ? units[name]! : null;
    if (unit === null || rank >= unit.rank || (name === 'ms' && precision === 's')) return null;
    rank = unit.rank;
    total += (value * unit.ms) / divisor;
    if (total > integerMax) return null;
    value = 0n;
    at += name.length;
    while (text[at] === ' ') at++;
  }
  const result = total + (value * secondMs) / divisor;
  return digits && result <= integerMax ? Number(result) : null;
}

/** Digits are taken in pieces of this length, so that a long run of them ends at the first piece too many. */
const digitsMax = 40;

const bytesPerUnit: Record<string, bigint> = { '': 1n, k: 1024n, m: 1024n ** 2n, g: 1024n ** 3n };

function readSize(text: string, pattern: RegExp): number | null {
  const match = pattern.exec(text);
  if (match === null || text.length > digitsMax) return null;
  const bytes = BigInt(match[1]!) * bytesPerUnit[match[2]!.toLowerCase()]!;
  return bytes <= integerMax ? Number(bytes) : null;
}

function listed(words: readonly string[]): string {
  const shown = words.map((word) => `"${word}"`);
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
