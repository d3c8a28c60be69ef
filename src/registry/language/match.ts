import type { Moment } from '../moment.ts';
import { type Field, fields } from './fields.ts';
import type { Subject } from './subject.ts';
import type { Pattern, RangeTerm, Term, TextTerm } from './term.ts';

/** Whether every term holds. */
export function holdsAll(terms: readonly Term[], subject: Subject, moment: Moment): boolean {
  for (const term of terms) {
    if (holds(term, subject, moment) === term.not) return false;
  }
  return true;
}

function holds(term: Term, subject: Subject, moment: Moment): boolean {
  switch (term.kind) {
    case 'text':
      return holdsText(term, subject);
    case 'range':
      return holdsRange(term, subject, moment);
    case 'word':
      return containsWord(subject, term.text);
  }
}

function holdsText(term: TextTerm, subject: Subject): boolean {
  const value = textOf(term, subject);
  return term.any.some((pattern) => fits(pattern, value));
}

function textOf({ field }: TextTerm, subject: Subject): string | null {
  if (typeof field !== 'string') return Object.hasOwn(subject.tags, field.tag) ? subject.tags[field.tag]! : null;
  const known: Field = fields[field];
  return known.kind === 'text' ? known.read(subject) : null;
}

function fits({ how, text }: Pattern, value: string | null): boolean {
  switch (how) {
    case 'any':
      return value !== null;
    case 'equal':
      return (value ?? '') === text;
    case 'contains':
      return value?.toLowerCase().includes(text.toLowerCase()) ?? false;
    case 'glob':
      return value !== null && fitsGlob(text.split('*'), value);
  }
}

/** The parts in their order, the first at the beginning and the last at the end: linear, whatever the client sent. */
function fitsGlob(parts: readonly string[], value: string): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let from = first.length;
  const end = value.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}

function holdsRange({ field, min, max, minOpen, maxOpen }: RangeTerm, subject: Subject, moment: Moment): boolean {
  const known: Field = fields[field];
  const value = known.kind === 'number' ? known.read(subject, moment) : null;
  if (value === null) return false;
  if (min !== null && (minOpen ? value <= min : value < min)) return false;
  return max === null || (maxOpen ? value < max : value <= max);
}

function containsWord(subject: Subject, word: string): boolean {
  const { id, route, server, clientAddress, host, path, origin, userAgent, subprotocol, tags, reason } = subject;
  for (const text of [id, route, server, clientAddress, host, path, origin, userAgent, subprotocol, reason]) {
    if (text?.toLowerCase().includes(word)) return true;
  }
  return Object.values(tags).some((value) => value.toLowerCase().includes(word));
}
