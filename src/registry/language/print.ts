import { type Field, fields } from './fields.ts';
import type { Pattern, RangeTerm, Term } from './term.ts';

/** The terms as text that reads back to the same terms: for links, logs and confirmations. */
export function printFilter(terms: readonly Term[]): string {
  return terms.map(printTerm).join(' ');
}

function printTerm(term: Term): string {
  const not = term.not ? '-' : '';
  if (term.kind === 'word') return `${not}${/^[A-Za-z0-9][\w.]*$/.test(term.text) ? term.text : quoted(term.text)}`;
  if (term.kind === 'range') return `${not}${term.field}${printRange(term)}`;
  const name = typeof term.field === 'string' ? term.field : `tag.${term.field.tag}`;
  const [first] = term.any;
  if (term.any.length === 1 && first!.how === 'any') return `${not}${name}:*`;
  const operator = first?.how === 'contains' ? '~' : ':';
  return `${not}${name}${operator}${term.any.map((pattern) => printPattern(pattern, term.any.length)).join(',')}`;
}

function printPattern({ how, text }: Pattern, count: number): string {
  if (how === 'any') return '*';
  const literal = how === 'equal' || how === 'contains';
  const plain = /^[^\s",*]+$/.test(text);
  return plain || !literal || count > 1 ? text : quoted(text);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function printRange({ field, min, max, minOpen, maxOpen }: RangeTerm): string {
  if (min !== null && min === max) return `:${amount(field, min)}..${amount(field, max)}`;
  if (max === null) return `>${minOpen ? '' : '='}${amount(field, min!)}`;
  if (min === null) return `<${maxOpen ? '' : '='}${amount(field, max)}`;
  return `:${amount(field, min)}..${amount(field, max)}`;
}

function amount(field: RangeTerm['field'], value: number): string {
  const facts: Field = fields[field];
  return facts.kind === 'number' && facts.unit === 'duration' ? `${value}ms` : String(value);
}
