import type { Position, Range, Where } from '../../base/diagnostic.ts';
import type { ConfigFile, Directive, Span } from './tree.ts';

type Lines = Pick<ConfigFile, 'lineStarts'>;

/**
 * Line and column, both from 1. Inside the core they count bytes; lint/letters.ts makes UTF-16 units of them for
 * everybody else.
 */
export function positionAt(file: Lines, offset: number): Position {
  const { lineStarts } = file;
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - lineStarts[low]! + 1, offset };
}

export function rangeOf(file: Lines, span: Span): Range {
  return { start: positionAt(file, span.start), end: positionAt(file, span.end) };
}

export function whereIn(file: Lines & Pick<ConfigFile, 'path'>, span: Span): Where {
  return { file: file.path, range: rangeOf(file, span) };
}

/** Where a directive stands: its words, without its block. */
export function whereOf(directive: Directive): Where {
  return whereIn(directive.file, headOf(directive));
}

/** From the first word to the end of the last one; the brace when there is no word. */
export function headOf(directive: Directive): Span {
  return { start: directive.start, end: directive.words.at(-1)?.end ?? directive.start + 1 };
}

export function lineOf(directive: Directive): number {
  return positionAt(directive.file, directive.start).line;
}

/** The text of one line (from 1), without its line end. */
export function lineText(file: Lines & Pick<ConfigFile, 'text'>, line: number): string {
  const start = file.lineStarts[line - 1];
  if (start === undefined) return '';
  const next = file.lineStarts[line];
  return file.text.slice(start, next === undefined ? file.text.length : next - 1).replace(/\r$/, '');
}

/** Offsets of the starts of lines; four bytes each, because a file of nothing but line ends has millions. */
export function lineStartsOf(text: string): Uint32Array {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  const starts = new Uint32Array(lines);
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts[line++] = at + 1;
  return starts;
}
