/**
 * From bytes to letters. The core counts bytes, as nginx does; a diagnostic that leaves it promises UTF-16 units of the
 * decoded text, as editors, SARIF and GitHub count. Nothing leaves without having come through here. A file that is not
 * UTF-8 is shown as Latin-1, in which both are the same.
 */

import type { Diagnostic, Edit, Fix, Position, Range, Where } from '../../base/diagnostic.ts';
import type { ConfigFile } from '../syntax/tree.ts';
import { fixLater } from './fixes/later.ts';
import type { SuppressedFinding } from './lint.ts';

export interface LintPlaces {
  /** The texts as people see them, by file. */
  readonly sources: ReadonlyMap<string, string>;
  readonly where: (one: Where) => Where;
  readonly diagnostic: <One extends Diagnostic>(one: One) => One;
  readonly suppressed: (one: SuppressedFinding) => SuppressedFinding;
}

export function placesIn(files: Iterable<ConfigFile>): LintPlaces {
  const byPath = new Map([...files].map((file) => [file.path, decodedFile(file)]));
  const position = (path: string | undefined, at: Position): Position => byPath.get(path ?? '')?.position(at) ?? at;
  const where = (one: Where): Where => ({
    ...one,
    ...(one.file !== undefined && { file: decoded(one.file) }),
    ...(one.range !== undefined && {
      range: { start: position(one.file, one.range.start), end: position(one.file, one.range.end) } satisfies Range,
    }),
  });
  const edit = (one: Edit): Edit => ({
    file: decoded(one.file),
    start: byPath.get(one.file)?.offset(one.start) ?? one.start,
    end: byPath.get(one.file)?.offset(one.end) ?? one.end,
    text: decoded(one.text),
  });
  const fixInLetters = (fix: Fix) => fixLater(decoded(fix.title), fix.safe, () => fix.edits.map(edit));
  const diagnostic = <One extends Diagnostic>(one: One): One => ({
    ...one,
    message: decoded(one.message),
    ...(one.where !== undefined && { where: where(one.where) }),
    ...(one.fix !== undefined && { fix: fixInLetters(one.fix) }),
    ...(one.related !== undefined && {
      related: one.related.map((each) => ({ message: decoded(each.message), where: where(each.where) })),
    }),
    ...('scope' in one && typeof one.scope === 'string' && { scope: decoded(one.scope) }),
  });
  return {
    sources: new Map([...byPath].map(([path, file]) => [decoded(path), file.text])),
    where,
    diagnostic,
    suppressed: ({ diagnostic: one, reason }) => ({ diagnostic: diagnostic(one), reason: decoded(reason) }),
  };
}

/** Bytes that are UTF-8 become its letters; text of our own, which has letters above 255, stays. */
export function decoded(text: string): string {
  return text.replace(/[\u0080-\u00ff]+/g, (bytes) => {
    const letters = Buffer.from(bytes, 'latin1').toString('utf8');
    return letters.includes('\ufffd') ? bytes : letters;
  });
}

interface DecodedFile {
  readonly text: string;
  readonly offset: (bytes: number) => number;
  readonly position: (at: Position) => Position;
}

function decodedFile({ text, lineStarts }: ConfigFile): DecodedFile {
  const letters = /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
  // Already right: ASCII, or another encoding than UTF-8, where nothing better is known.
  if (letters.length === text.length || letters.includes('\ufffd'))
    return { text, offset: (bytes) => bytes, position: (at) => at };
  const length = (from: number, to: number) => Buffer.from(text.slice(from, to), 'latin1').toString('utf8').length;
  // The letters before each line, so that a place costs its line and not the whole file.
  const before: number[] = [];
  let sum = 0;
  lineStarts.forEach((start, index) => {
    before.push(sum);
    sum += length(start, lineStarts[index + 1] ?? text.length);
  });
  const lineOf = (offset: number) => {
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const offset = (bytes: number) => {
    const line = lineOf(bytes);
    return before[line]! + length(lineStarts[line]!, bytes);
  };
  return {
    text: letters,
    offset,
    position: ({ line, offset: bytes }) => {
      const at = offset(bytes);
      return { line, column: at - before[line - 1]! + 1, offset: at };
    },
  };
}
