import { type Field, fieldNamed, fields, type Tense } from './fields.ts';
import { splitFilter } from './split.ts';
import type { Vocabulary } from './vocabulary.ts';

export interface Completion {
  /** What stands there instead of `start` to `end`. */
  readonly text: string;
  readonly about: string;
}

export interface Completions {
  /** UTF-16 units from 0; `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly options: readonly Completion[];
}

/** As many as a person looks through. */
const optionsMax = 12;

/** What could stand at the cursor: names of fields and tags, and after one of them its values. */
export function completeFilter(
  text: string,
  cursor: number,
  options: { readonly tense: Tense; readonly vocabulary: Vocabulary },
): Completions {
  const piece = splitFilter(text).find((each) => each.start <= cursor && cursor <= each.end);
  if (piece === undefined) return { start: cursor, end: cursor, options: names('', options) };
  if (piece.name === null) {
    const start = piece.valueStart;
    return { start, end: piece.end, options: names(text.slice(start, cursor), options) };
  }
  const begun = text.slice(piece.valueStart, cursor).replace(/^"/, '');
  return { start: piece.valueStart, end: piece.end, options: values(piece.name, begun, options) };
}

function names(begun: string, { tense, vocabulary }: { tense: Tense; vocabulary: Vocabulary }): Completion[] {
  const lower = begun.toLowerCase();
  const all: Completion[] = [
    ...Object.entries(fields as Record<string, Field>)
      .filter(([, field]) => field.only === undefined || field.only === tense)
      .map(([name, field]) => ({ text: `${name}${field.kind === 'number' ? '>' : ':'}`, about: field.means })),
    ...(vocabulary.tags ?? []).map((tag) => ({
      text: `${fieldNamed(tag) === undefined ? '' : 'tag.'}${tag}:`,
      about: 'tag',
    })),
  ];
  return all.filter(({ text }) => text.toLowerCase().startsWith(lower)).slice(0, optionsMax);
}

function values(name: string, begun: string, { vocabulary }: { vocabulary: Vocabulary }): Completion[] {
  const field = fieldNamed(name);
  if (field === undefined) return [];
  const facts: Field = fields[field];
  const known =
    facts.kind === 'text' && facts.choices !== undefined
      ? facts.choices
      : field === 'route' || field === 'upstream' || field === 'server'
        ? (vocabulary[field] ?? [])
        : [];
  const lower = begun.toLowerCase();
  return known
    .filter((value) => value.toLowerCase().includes(lower))
    .slice(0, optionsMax)
    .map((text) => ({ text, about: field }));
}
