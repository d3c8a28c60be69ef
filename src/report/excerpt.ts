import type { Range } from '../base/diagnostic.ts';
import { printable } from '../base/printable.ts';

/** Longest part of a source line that is shown: a line of a terminal, with room for its number. */
const widthMax = 100;

/**
 * The line that a range begins in, with marks under the range. Tabs become two spaces, and of a long line only the
 * part around the range is shown.
 */
export function excerpt(source: string, range: Range, mark: (marks: string) => string): string[] {
  const line = lineAt(source, range.start.offset);
  const from = range.start.column - 1;
  const to = range.end.line === range.start.line ? Math.max(range.end.column - 1, from + 1) : line.length;
  const cutStart = line.length > widthMax ? Math.max(0, Math.min(from - 20, line.length - widthMax)) : 0;
  const cutEnd = Math.min(line.length, cutStart + widthMax);
  const before = shown(line.slice(cutStart, from));
  const marked = shown(line.slice(from, Math.min(to, cutEnd)));
  const after = shown(line.slice(Math.min(to, cutEnd), cutEnd));
  const head = cutStart > 0 ? '…' : '';
  const number = String(range.start.line);
  const gutter = ' '.repeat(number.length);
  const marks = `^${'~'.repeat(Math.max(0, width(marked) - 1))}`;
  return [
    `  ${number} | ${head}${before}${marked}${after}${cutEnd < line.length ? '…' : ''}`,
    `  ${gutter} | ${' '.repeat(width(head + before))}${mark(marks)}`,
  ];
}

function lineAt(source: string, offset: number): string {
  const start = offset === 0 ? 0 : source.lastIndexOf('\n', offset - 1) + 1;
  const end = source.indexOf('\n', offset);
  return source.slice(start, end === -1 ? source.length : end).replace(/\r$/, '');
}

function shown(text: string): string {
  return text.split('\t').map(printable).join('  ');
}

/** Columns on a terminal: East Asian wide characters and emoji take two, marks that combine take none. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return columns;
}
