import type { Diagnostic, Findings } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import { aliases, type Field, type FieldName, fieldNamed, fields, type NumberField, type Tense } from './fields.ts';
import { numberRange } from './range.ts';
import { type Piece, splitFilter } from './split.ts';
import type { Pattern, Term } from './term.ts';
import type { Vocabulary } from './vocabulary.ts';

export type FilterCode = 'filter-unknown-word' | 'filter-bad-value';

export interface FilterParseOptions {
  readonly tense: Tense;
  readonly vocabulary?: Vocabulary;
}

/** Longer than any filter that a person writes; each term is asked of every connection. */
export const filterLengthMax = 2000;
export const filterTermsMax = 30;

/**
 * Reads `route:chat rtt>200ms age>1h -user:ann firefox`: words that must all hold. A name that is no field is the name
 * of a tag. What cannot be read is left out of the value and told in the diagnostics; whoever steers connections by a
 * filter must refuse it then.
 */
export function parseFilter(text: string, options: FilterParseOptions): Findings<readonly Term[], FilterCode> {
  const diagnostics: Diagnostic<FilterCode>[] = [];
  const terms: Term[] = [];
  if (text.length > filterLengthMax) {
    const message = `the filter is longer than ${filterLengthMax} characters`;
    return { value: [], diagnostics: [{ code: 'filter-bad-value', severity: 'error', message }] };
  }
  const pieces = splitFilter(text);
  if (pieces.length > filterTermsMax) {
    const message = `the filter has more than ${filterTermsMax} conditions`;
    return { value: [], diagnostics: [{ code: 'filter-bad-value', severity: 'error', message }] };
  }
  for (const piece of pieces) {
    const read = termOf(piece, options);
    if ('message' in read) diagnostics.push(finding(read, piece));
    else terms.push(read);
  }
  return { value: terms, diagnostics };
}

interface Problem {
  readonly code: FilterCode;
  readonly message: string;
  readonly help?: string;
}

function termOf(piece: Piece, options: FilterParseOptions): Term | Problem {
  const { name, operator, value, not } = piece;
  if (!piece.closed) return { code: 'filter-bad-value', message: `a quote is opened and not closed: "${value}` };
  if (name === null || operator === null) return wordOf(piece);
  if (/^tag$/i.test(name)) return tagTerm(value, piece);
  if (/^tag\../i.test(name)) return tagTerm(name.slice('tag.'.length), { ...piece, name: 'tag.' });
  const field = fieldNamed(name);
  if (field === undefined) return otherName(name, piece, options);
  const facts: Field = fields[field];
  if (facts.only !== undefined && facts.only !== options.tense) return wrongTense(field, facts.only);
  if (facts.kind === 'number') return rangeTerm(field, facts, piece);
  if (operator === '>' || operator === '<' || operator === '>=' || operator === '<=') {
    return {
      code: 'filter-bad-value',
      message: `${field} is a text and is asked with ":" or "~", not with "${operator}"`,
    };
  }
  const any = patternsOf(piece);
  return unknownValue(field, any, options) ?? { kind: 'text', field, not, any };
}

function wordOf(piece: Piece): Term | Problem {
  if (piece.value === '')
    return { code: 'filter-bad-value', message: 'a minus stands alone; put it before what must not hold' };
  return { kind: 'word', not: piece.not, text: piece.value.toLowerCase() };
}

/** `tag:user` asks that the tag is there, `tag:user:ann`, `tag.user:ann` and `user:ann` what it says. */
function tagTerm(text: string, piece: Piece): Term | Problem {
  if (piece.name === 'tag.') return { kind: 'text', field: { tag: text }, not: piece.not, any: patternsOf(piece) };
  const at = text.search(/[:=]/);
  const tag = at === -1 ? text : text.slice(0, at);
  if (tag === '') return { code: 'filter-bad-value', message: 'tag: needs a name: tag:user, or tag:user:ann' };
  const any =
    at === -1
      ? [{ how: 'any', text: '' } as const]
      : patternsOf({ ...piece, operator: ':', value: text.slice(at + 1) });
  return { kind: 'text', field: { tag }, not: piece.not, any };
}

function otherName(name: string, piece: Piece, { vocabulary }: FilterParseOptions): Term | Problem {
  const tags = vocabulary?.tags ?? [];
  const isText = piece.operator === ':' || piece.operator === '~' || piece.operator === '=' || piece.operator === '!=';
  const known = tags.includes(name);
  const meant = known ? undefined : nearest(name, [...Object.keys(fields), ...Object.keys(aliases), ...tags]);
  if (isText && (known || meant === undefined))
    return { kind: 'text', field: { tag: name }, not: piece.not, any: patternsOf(piece) };
  return {
    code: 'filter-unknown-word',
    message: isText
      ? `"${name}" is not a field`
      : `"${name}" is not a field that can be compared;  ${numberNames().join(', ')} can`,
    help:
      meant === undefined
        ? 'a tag is asked with ":"'
        : `did you mean "${meant}"? A tag of this name is written tag.${name}:…`,
  };
}

function numberNames(): string[] {
  return Object.entries(fields).flatMap(([name, field]) => (field.kind === 'number' ? [name] : []));
}

function wrongTense(field: FieldName, only: Tense): Problem {
  return only === 'ended'
    ? {
        code: 'filter-unknown-word',
        message: `${field} is known of ended connections only`,
        help: 'ask holdline history',
      }
    : { code: 'filter-unknown-word', message: `${field} is known of live connections only`, help: 'ask holdline ls' };
}

function rangeTerm(field: FieldName, facts: NumberField, piece: Piece): Term | Problem {
  const range = numberRange(piece, facts.unit);
  if (typeof range === 'string') return { code: 'filter-bad-value', message: `${field}: ${range}` };
  return { kind: 'range', field, not: piece.not, ...range };
}

function patternsOf({ operator, value, quoted }: Pick<Piece, 'operator' | 'value' | 'quoted'>): Pattern[] {
  const texts = quoted ? [value] : value.split(',');
  return texts.map((text) => {
    if (operator === '~') return { how: 'contains', text };
    if (!quoted && text === '*') return { how: 'any', text: '' };
    return { how: !quoted && text.includes('*') ? 'glob' : 'equal', text };
  });
}

/** Of a field whose values are known, one that is none of them finds nothing, and is a slip of the pen. */
function unknownValue(field: FieldName, any: readonly Pattern[], { vocabulary }: FilterParseOptions): Problem | null {
  const facts: Field = fields[field];
  const closed = facts.kind === 'text' ? facts.choices : undefined;
  const names = closed ?? (field === 'route' || field === 'upstream' ? vocabulary?.[field] : undefined);
  if (names === undefined) return null;
  const wrong = any.find(({ how, text }) => how === 'equal' && !names.includes(text));
  if (wrong === undefined) return null;
  const meant = nearest(wrong.text, names);
  const all = names.length <= 12 ? `there is ${names.join(', ')}` : 'see docs/filter.md for those that there are';
  return {
    code: 'filter-bad-value',
    message: closed === undefined ? `no ${field} is named "${wrong.text}"` : `"${wrong.text}" is no ${field}`,
    help: meant === undefined ? all : `did you mean ${field}:${meant}?`,
  };
}

function finding({ code, message, help }: Problem, piece: Piece): Diagnostic<FilterCode> {
  const at = (offset: number) => ({ line: 1, column: offset + 1, offset });
  const where = { range: { start: at(piece.start), end: at(piece.end) } };
  return { code, severity: 'error', message, where, ...(help === undefined ? {} : { help }) };
}
