import type { Position, Range } from '../base/diagnostic.ts';

export interface LineIndex {
  /** Offsets in UTF-16 units, end exclusive; what lies outside the text is moved to its edge. */
  range(start: number, end: number): Range;
}

/**
 * Where the lines of a text begin, so that offsets become line and column. Lines end with LF, as in YAML's own reader.
 */
export function lineIndex(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const position = (wanted: number): Position => {
    const offset = Math.min(Math.max(wanted, 0), text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1, offset };
  };
  return { range: (start, end) => ({ start: position(start), end: position(Math.max(start, end)) }) };
}
