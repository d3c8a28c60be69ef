import type { Span, TemplateFacts, TemplateMark } from '../tree.ts';
import { choicesOf, leftOut, readingsOf } from './branches.ts';
import { templateMarks } from './marks.ts';

/** Stands for a value that only the template engine knows: no byte is like it, so that checks can pass over it. */
export const unknownLetter = '\ue000';

/**
 * One reading of a text, with everything that is the engine's replaced by as many letters; null for what is no
 * template.
 */
export function readTemplate(text: string, reading: number): { facts: TemplateFacts; masked: string } | null {
  const marks = templateMarks(text);
  if (marks.length === 0) return null;
  const choices = choicesOf(text, marks);
  const absent = joined(leftOut(choices, reading));
  const facts: TemplateFacts = {
    marks,
    engines: [...new Set(marks.map(({ engine }) => engine))],
    readings: readingsOf(choices),
    holes: marks.filter((mark) => mark.role === 'statements' && !holds(absent, mark.start)),
  };
  return { facts, masked: mask(text, marks, absent) };
}

/** In order, and those that overlap as one. */
function joined(spans: readonly Span[]): readonly Span[] {
  const made: { start: number; end: number }[] = [];
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const last = made.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else made.push({ start, end });
  }
  return made;
}

/** By halves, because a template can have as many branches as lines. */
function holds(spans: readonly Span[], offset: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.end <= offset) low = middle + 1;
    else high = middle;
  }
  return low < spans.length && spans[low]!.start <= offset;
}

/** Spaces for what prints nothing or is left out, `unknownLetter` for values. */
function mask(text: string, marks: readonly TemplateMark[], absent: readonly Span[]): string {
  const blanks = [
    ...marks.map((mark) => ({ ...mark, letter: mark.role === 'print' ? unknownLetter : ' ' })),
    ...absent.map((span) => ({ ...span, letter: ' ' })),
  ];
  const pieces: string[] = [];
  let at = 0;
  // What is left out comes before the marks within it.
  for (const { start, end, letter } of blanks.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (end <= at) continue;
    pieces.push(text.slice(at, Math.max(at, start)));
    pieces.push(text.slice(Math.max(at, start), end).replace(/[^\n]/g, letter));
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}
