import { z } from 'zod';
import type { Code } from '../../base/catalogue/catalogue.ts';
import { nearest } from '../../base/nearest.ts';
import { type Parsed, parseDuration, parseRate, parseSize } from '../../base/units.ts';
import { quotedText } from '../value/safe-text.ts';

/**
 * A kind of single value: how it is read, what it is called in "must be …", and its JSON Schema for editors.
 * `read` gets undefined for kinds that the value does not even resemble, and answers null then.
 */
export interface Kind<Input, Output> {
  readonly expected: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly read: (value: unknown) => Parsed<Output> | null;
  /** The code of the diagnostic when it is not spec-bad-value. */
  readonly code?: Code;
  /** Only for the type of what may be written; never set. */
  readonly input?: Input;
}

/** Put on issues whose value has the wrong type altogether, so that a union can tell which of its forms was meant. */
export const wrongType = { wrongType: true } as const;

/** The zod schema of a kind. */
export function leaf<Input, Output>(kind: Kind<Input, Output>) {
  return z
    .custom<Input>(() => true)
    .transform((value: unknown, context): Output => {
      const read = kind.read(value);
      if (read?.ok) return read.value;
      context.addIssue(
        read === null
          ? {
              code: 'custom',
              message: kind.expected,
              params: { ...wrongType, takesText: kind.json.type === 'string' },
              input: value,
            }
          : { code: 'custom', message: read.problem, params: { code: kind.code ?? 'spec-bad-value' }, input: value },
      );
      return z.NEVER;
    })
    .meta({ ...kind.json });
}

/** Text that goes through one of the parsers of spec/value. */
export function text<Output>(
  expected: string,
  parse: (text: string) => Parsed<Output>,
  json: object = {},
): Kind<string, Output> {
  return {
    expected,
    json: { type: 'string', ...json },
    read: (value) => (typeof value === 'string' ? parse(value) : null),
  };
}

export function integer(expected: string, minimum: number, maximum: number): Kind<number, number> {
  return {
    expected,
    json: { type: 'integer', minimum, maximum },
    read: (value) => {
      if (typeof value !== 'number') return null;
      return Number.isInteger(value) && value >= minimum && value <= maximum
        ? { ok: true, value }
        : { ok: false, problem: `${value} is not a whole number from ${minimum} to ${maximum}` };
    },
  };
}

/** Durations longer than what a timer of Node can wait would end at once, so they are refused here: 2^31 − 1 ms. */
export const durationMsMax = 2_147_483_647;

export function duration(minimumMs: number, minimumText: string): Kind<string | number, number> {
  return {
    expected: 'a duration such as 25s, 7m or 24h',
    json: { type: ['string', 'integer'], pattern: '^([0-9]+(ms|[smhdw]) ?)+$|^[0-9]+$', minimum: 0 },
    read: (value) => {
      const read = numberOr(value, parseDuration);
      if (!read?.ok) return read;
      if (read.value < minimumMs)
        return {
          ok: false,
          problem: `${shown(value)} is shorter than ${minimumText}, the shortest that makes sense here`,
        };
      if (read.value > durationMsMax)
        return { ok: false, problem: `${shown(value)} is longer than 24 days, the longest that can be timed` };
      return read;
    },
  };
}

export function size(minimum: number, maximum: number | null = null): Kind<string | number, number> {
  return {
    expected: 'a size such as 512, 64k or 1m',
    json: {
      type: ['string', 'integer'],
      pattern: '^[0-9]+[kmgKMG]?[bB]?$',
      minimum,
      ...(maximum === null ? {} : { maximum }),
    },
    read: (value) => {
      const read = numberOr(value, parseSize);
      if (!read?.ok) return read;
      if (maximum !== null && read.value > maximum)
        return { ok: false, problem: `${shown(value)} is more than ${maximum} bytes, the most that makes sense here` };
      if (read.value >= minimum) return read;
      return { ok: false, problem: `${shown(value)} is less than ${minimum} bytes, the least that makes sense here` };
    },
  };
}

export const rate: Kind<string, number> = {
  expected: 'a rate such as 20/s or 100/m',
  json: { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?r?/[smh]$' },
  read: (value) => {
    if (typeof value === 'number')
      return { ok: false, problem: `${value} does not say for how long; write ${value}/s or ${value}/m` };
    if (typeof value !== 'string') return null;
    const read = parseRate(value);
    return read.ok && !(read.value > 0)
      ? { ok: false, problem: `${quotedText(value)} would let nothing through` }
      : read;
  },
};

/** Bytes per second: `64k/s`, `10m/m`. */
export const byteRate: Kind<string, number> = {
  expected: 'a rate of bytes such as 64k/s',
  json: { type: 'string', pattern: '^[0-9]+[kmgKMG]?[bB]?/[smh]$' },
  read: (value) => {
    if (typeof value !== 'string') return null;
    const [amount = '', period = '', ...rest] = value.split('/');
    const seconds = { s: 1, m: 60, h: 3600 }[period];
    const bytes = parseSize(amount);
    if (seconds === undefined || rest.length > 0 || !bytes.ok)
      return { ok: false, problem: `${quotedText(value)} is not a rate of bytes; write it as 64k/s or 10m/m` };
    if (bytes.value === 0) return { ok: false, problem: `${quotedText(value)} would let nothing through` };
    return { ok: true, value: bytes.value / seconds };
  },
};

/** on and off are nginx's words; YAML 1.2 reads them as text, YAML 1.1 as true and false. Both are understood. */
export const onOff: Kind<boolean | 'on' | 'off', boolean> = {
  expected: 'true or false',
  json: { enum: [true, false, 'on', 'off'] },
  read: (value) => {
    if (value === true || value === 'on') return { ok: true, value: true };
    if (value === false || value === 'off') return { ok: true, value: false };
    if (value === 'yes' || value === 'no')
      return { ok: false, problem: `"${value}" is text in YAML 1.2; write ${value === 'yes'}` };
    return null;
  },
};

/** The kind, or `off` (`false` to a YAML 1.1 writer), which is null. */
export function orOff<Input, Output>(kind: Kind<Input, Output>): Kind<Input | 'off' | false, Output | null> {
  return {
    expected: `${kind.expected}, or off`,
    json: { anyOf: [kind.json, { enum: ['off', false] }] },
    read: (value) => {
      if (value === 'off' || value === false) return { ok: true, value: null };
      // Zero means "none" in some programs and "at once" in others.
      if (value === 0 || (typeof value === 'string' && /^0(?:ms|[smhd])?$/.test(value)))
        return { ok: false, problem: `${value} is not clear; write off for none` };
      return kind.read(value);
    },
  };
}

/** Only the word itself, for the branch of a union. */
export function word<const Word extends string, Output>(written: Word, value: Output): Kind<Word, Output> {
  return {
    expected: written,
    json: { const: written },
    read: (given) => (given === written ? { ok: true, value } : null),
  };
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words): Kind<Words[number], Words[number]> {
  return {
    expected: `one of ${words.join(', ')}`,
    json: { enum: [...words] },
    read: (value) => {
      if (typeof value !== 'string') return null;
      if (words.includes(value)) return { ok: true, value };
      const meant = nearest(value, words);
      return {
        ok: false,
        problem: `${quotedText(value)} is not one of ${words.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      };
    },
  };
}

function numberOr(value: unknown, parse: (text: string) => Parsed<number>): Parsed<number> | null {
  if (typeof value === 'string') return parse(value);
  if (typeof value !== 'number') return null;
  return Number.isInteger(value) && value >= 0
    ? parse(String(value))
    : { ok: false, problem: `${value} is not a whole number of 0 or more; a smaller unit makes a fraction whole` };
}

function shown(value: unknown): string {
  return typeof value === 'string' ? quotedText(value) : String(value);
}
