import { Lexer } from 'yaml';

/**
 * Is the text nested deeper than `depthMax`, in brackets or in indentation? The parser calls itself for every level,
 * and dies of a hundred thousand of them together with the process; its lexer does not. The count is never too low, and
 * too high only for indentation that no block has.
 */
export function isDeeperThan(text: string, depthMax: number): boolean {
  const columns: number[] = [];
  let flowDepth = 0;
  let column = 0;
  let atStart = true;
  let isScalarNext = false;
  for (const token of new Lexer().lex(text)) {
    if (documentMarks.has(token)) continue;
    if (isScalarNext) isScalarNext = false;
    else if (token === scalarMark) {
      isScalarNext = true;
      if (!atStart) continue;
    } else if (token === '[' || token === '{') flowDepth++;
    else if (token === ']' || token === '}') flowDepth = Math.max(0, flowDepth - 1);
    if (token.includes('\n')) {
      column = 0;
      atStart = true;
      continue;
    }
    const isSpace = /^\s*$/.test(token);
    if (atStart && !isSpace && !token.startsWith('#')) {
      while (columns.length > 0 && columns.at(-1)! >= column) columns.pop();
      columns.push(column);
      // What follows an indicator on the same line is one level further down.
      atStart = token === '-' || token === '?' || token === ':';
    }
    if (flowDepth + columns.length > depthMax) return true;
    if (token !== scalarMark) column += token.length;
  }
  return false;
}

/** Begin and end of a document, and the byte order mark: no text of it. */
const documentMarks: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\ufeff']);

/** The lexer puts this before every plain or quoted scalar’s text. */
const scalarMark = '\u001f';
