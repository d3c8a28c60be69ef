/** Times, sizes and numbers exactly as nginx reads them (src/core/ngx_parse.c), which is narrower and odder than one would think. */

import type { DirectiveFacts } from './facts.ts';
import { unknownLetter } from './template.ts';

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
export function valueProblem(facts: DirectiveFacts, args: readonly string[]): string | null {
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
      if (variableSizes.has(facts.name) && first.includes('$')) return null;
      return parseSizeBytes(first) !== null ? null : 'it must be a size such as 4k or 1m';
    case 'offset':
      return parseOffsetBytes(first) !== null ? null : 'it must be a size such as 4k, 1m or 1g';
    case 'number':
      return /^\d{1,18}$/.test(first) ? null : 'it must be a number';
    case 'buffers':
      return Number(first) > 0 && /^\d+$/.test(first) && (parseSizeBytes(second) ?? 0) > 0
        ? null
        : 'it must be a number and a size, such as 8 4k';
    case 'enum':
    case 'bitmask': {
      const known = new Set(facts.words.map((word) => word.toLowerCase()));
      return args.every((arg) => known.has(arg.toLowerCase())) ? null : `it must be ${listed(facts.words)}`;
    }
  }
}

/** Since 1.27.0 these take variables, which cannot be checked. */
const variableSizes = new Set(['proxy_limit_rate', 'fastcgi_limit_rate', 'scgi_limit_rate', 'uwsgi_limit_rate']);

/** NGX_MAX_INT_T_VALUE on 64 bits, rounded to what a number holds. */
const integerMax = 2 ** 63;

const second = 1;
const minute = 60;
const hour = 3600;
const day = 86_400;

/** Units in the order in which they may follow one another. A year and a month are for seconds only. */
const units: Record<string, { readonly rank: number; readonly seconds: number }> = {
  y: { rank: 1, seconds: 365 * day },
  M: { rank: 2, seconds: 30 * day },
  w: { rank: 3, seconds: 7 * day },
  d: { rank: 4, seconds: day },
  h: { rank: 5, seconds: hour },
  m: { rank: 6, seconds: minute },
  s: { rank: 7, seconds: second },
  ' ': { rank: 7, seconds: second },
  ms: { rank: 8, seconds: 0.001 },
};

function readTime(text: string, precision: 'ms' | 's'): number | null {
  const scale = precision === 'ms' ? 1000 : 1;
  let rank = precision === 'ms' ? 2 : 0;
  let total = 0;
  let value = 0;
  let digits = false;
  let at = 0;
  while (at < text.length) {
    const letter = text[at]!;
    if (letter >= '0' && letter <= '9') {
      value = value * 10 + Number(letter);
      if (value > integerMax) return null;
      digits = true;
      at++;
      continue;
    }
    const name = text.startsWith('ms', at) ? 'ms' : letter;
    const unit = Object.hasOwn(units, name) ? units[name]! : null;
    if (unit === null || rank >= unit.rank || (name === 'ms' && precision === 's')) return null;
    rank = unit.rank;
    total += value * unit.seconds * scale;
    if (total > integerMax) return null;
    value = 0;
    at += name.length;
    while (text[at] === ' ') at++;
  }
  const result = Math.round(total + value * scale);
  return digits && result <= integerMax ? result : null;
}

const bytesPerUnit: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function readSize(text: string, pattern: RegExp): number | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const bytes = Number(match[1]) * bytesPerUnit[match[2]!.toLowerCase()]!;
  return bytes <= integerMax ? bytes : null;
}

function listed(words: readonly string[]): string {
  const shown = words.map((word) => `"${word}"`);
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
