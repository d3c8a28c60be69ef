import { type Parsed, parseDuration, parseSize } from '../../base/units.ts';
import type { NumberField } from './fields.ts';
import type { Piece } from './split.ts';
import type { RangeTerm } from './term.ts';

type Bounds = Pick<RangeTerm, 'min' | 'max' | 'minOpen' | 'maxOpen'>;

/** `>1h`, `>=1h`, `<5m`, `:1h..2h`, `:1h..` and, for counts alone, `:1006`; otherwise what is wrong. */
export function numberRange(
  { operator, value }: Pick<Piece, 'operator' | 'value'>,
  unit: NumberField['unit'],
): Bounds | string {
  if (operator === '~') return 'is a number and is compared with >, <, >=, <= or a range such as :1..5';
  if (operator === '>' || operator === '>=') {
    return bound(value, unit, (min) => ({ min, max: null, minOpen: operator === '>', maxOpen: false }));
  }
  if (operator === '<' || operator === '<=') {
    return bound(value, unit, (max) => ({ min: null, max, minOpen: false, maxOpen: operator === '<' }));
  }
  const dots = value.indexOf('..');
  if (dots !== -1) return between(value.slice(0, dots), value.slice(dots + 2), unit);
  if (unit !== 'count') return `say >${value}, <${value} or a range such as :${value}..${value}`;
  return bound(value, unit, (exact) => ({ min: exact, max: exact, minOpen: false, maxOpen: false }));
}

function between(from: string, to: string, unit: NumberField['unit']): Bounds | string {
  if (from === '' && to === '') return 'the range has neither a beginning nor an end';
  const min = from === '' ? null : numberOf(from, unit);
  const max = to === '' ? null : numberOf(to, unit);
  if (min !== null && !min.ok) return min.problem;
  if (max !== null && !max.ok) return max.problem;
  const bounds = { min: min?.value ?? null, max: max?.value ?? null, minOpen: false, maxOpen: false };
  if (bounds.min !== null && bounds.max !== null && bounds.min > bounds.max)
    return `${from}..${to} ends before it begins`;
  return bounds;
}

function bound(text: string, unit: NumberField['unit'], bounds: (value: number) => Bounds): Bounds | string {
  const read = numberOf(text, unit);
  return read.ok ? bounds(read.value) : read.problem;
}

function numberOf(text: string, unit: NumberField['unit']): Parsed<number> {
  if (unit === 'duration') return parseDuration(text);
  if (unit === 'size') return parseSize(text);
  if (/^\d{1,15}$/.test(text)) return { ok: true, value: Number(text) };
  return { ok: false, problem: `"${text}" is not a whole number` };
}
