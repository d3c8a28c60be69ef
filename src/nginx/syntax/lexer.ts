/**
 * Reads words and statements as nginx's ngx_conf_read_token (src/core/ngx_conf_file.c) does: white space is space, tab,
 * CR and LF and nothing else; a quote or `#` means something only at the start of a word; an unquoted word ends at
 * white space, `;` or `{`, but not at `}`. Unlike nginx it goes on after a fault, in the way that loses least.
 */

import { wordBytesMax } from './limits.ts';
import type { Comment, Word } from './tree.ts';

export type LexicalProblem =
  | { readonly kind: 'unexpected'; readonly offset: number; readonly letter: string }
  | { readonly kind: 'end'; readonly offset: number; readonly quoteAt: number | null }
  | { readonly kind: 'too-long'; readonly offset: number; readonly quote: Word['quote'] };

/** What a statement ended with. `}` and `end` are not consumed words: with words before them they are faults. */
export type Ending = ';' | '{' | '}' | 'end';

export interface Lexer {
  readonly text: string;
  /** Where reading goes on. */
  offset: number;
  readonly comments: Comment[];
  readonly onProblem: (problem: LexicalProblem) => void;
  /** How many more words and comments may be made; reading stops at 0. */
  nodesLeft: number;
  /** Set when there are more faults than anybody reads: reading stops. */
  halted: boolean;
}

/**
 * Reads words into `words` up to and including what ends the statement. For `}` and `end` behind words the offset stays
 * on them, so that the next call sees them again, alone.
 */
export function readStatement(lexer: Lexer, words: Word[]): Ending {
  const { text } = lexer;
  const length = text.length;
  while (lexer.nodesLeft > 0 && !lexer.halted) {
    const at = skipSpace(text, lexer.offset, length);
    lexer.offset = at;
    if (at >= length) {
      if (words.length > 0) lexer.onProblem({ kind: 'end', offset: length, quoteAt: openQuoteAt(text, words) });
      return 'end';
    }
    switch (text.charCodeAt(at)) {
      case semicolon:
      case openBrace: {
        lexer.offset = at + 1;
        const letter = text[at] as ';' | '{';
        if (words.length > 0) return letter;
        lexer.onProblem({ kind: 'unexpected', offset: at, letter });
        // A lone ";" is passed over; a lone "{" opens a block without a name, so that its "}" finds its partner.
        if (letter === '{') return '{';
        break;
      }
      case closeBrace:
        if (words.length > 0) lexer.onProblem({ kind: 'unexpected', offset: at, letter: '}' });
        else lexer.offset = at + 1;
        return '}';
      case hash:
        readComment(lexer, at);
        break;
      case doubleQuote:
      case singleQuote:
        words.push(readQuoted(lexer, at));
        break;
      default:
        words.push(readBare(lexer, at));
    }
  }
  return 'end';
}

const tab = 9;
const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const doubleQuote = 34;
const hash = 35;
const dollar = 36;
const singleQuote = 39;
const closeParenthesis = 41;
const semicolon = 59;
const backslash = 92;
const openBrace = 123;
const closeBrace = 125;

function isSpace(code: number): boolean {
  return code === space || code === lineFeed || code === tab || code === carriageReturn;
}

function skipSpace(text: string, from: number, length: number): number {
  let at = from;
  while (at < length && isSpace(text.charCodeAt(at))) at++;
  return at;
}

function readComment(lexer: Lexer, start: number): void {
  const found = lexer.text.indexOf('\n', start);
  const end = found < 0 ? lexer.text.length : found;
  checkLength(lexer, start, end);
  lexer.comments.push({ start, end });
  lexer.nodesLeft--;
  lexer.offset = end;
}

function readQuoted(lexer: Lexer, start: number): Word {
  const { text } = lexer;
  const length = text.length;
  const mark = text.charCodeAt(start);
  const quote = text[start] as '"' | "'";
  let at = start + 1;
  let escaped = false;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code === mark) break;
    if (code === backslash) {
      escaped = true;
      at++;
    }
    at++;
  }
  lexer.nodesLeft--;
  if (at >= length) {
    checkLength(lexer, start + 1, length, { quote, closedAt: length });
    lexer.offset = length;
    return { start, end: length, quote, value: wordValue(text.slice(start + 1), escaped) };
  }
  const end = at + 1;
  // Behind the quote nginx wants white space, ";", "{" or ")"; a ")" begins a word, so that if (… "x") works.
  const next = end < length ? text.charCodeAt(end) : space;
  const spaced = isSpace(next);
  checkLength(lexer, start + 1, spaced ? end + 1 : end, { quote, closedAt: at });
  if (!spaced && next !== semicolon && next !== openBrace && next !== closeParenthesis)
    lexer.onProblem({ kind: 'unexpected', offset: end, letter: text[end]! });
  lexer.offset = end;
  return { start, end, quote, value: wordValue(text.slice(start + 1, at), escaped) };
}

function readBare(lexer: Lexer, start: number): Word {
  const { text } = lexer;
  const length = text.length;
  let at = start;
  let afterDollar = false;
  let escaped = false;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code === openBrace && afterDollar) {
      // The brace of "${name}" belongs to the word.
    } else {
      afterDollar = code === dollar;
      if (code === backslash) {
        escaped = true;
        at++;
      } else if (code === semicolon || code === openBrace || isSpace(code)) break;
    }
    at++;
  }
  lexer.nodesLeft--;
  const end = Math.min(at, length);
  checkLength(lexer, start, end < length && !isSpace(text.charCodeAt(end)) ? end : end + 1);
  lexer.offset = end;
  return { start, end, quote: '', value: wordValue(text.slice(start, end), escaped) };
}

/**
 * nginx keeps the word or comment it is reading in a buffer, from `start` on, and fills the buffer up when it needs
 * another byte. It gives up when the word alone fills it. `lastRead` is the last offset at which nginx looks before it
 * forgets `start`: behind an unquoted word and a space it looks one byte further than behind one with a `;`.
 */
function checkLength(
  lexer: Lexer,
  start: number,
  lastRead: number,
  quoted: { readonly quote: '"' | "'"; readonly closedAt: number } | null = null,
): void {
  const refillAt = start + wordBytesMax;
  if (lastRead < refillAt || refillAt >= lexer.text.length) return;
  const quote = quoted !== null && quoted.closedAt >= refillAt ? quoted.quote : '';
  lexer.onProblem({ kind: 'too-long', offset: start, quote });
}

/** Where the quote stands that swallowed the rest of the file, or null when the last word is a closed one. */
function openQuoteAt(text: string, words: readonly Word[]): number | null {
  const last = words.at(-1)!;
  if (last.quote === '' || last.end < text.length) return null;
  return isClosed(text, last) ? null : last.start;
}

/** A quoted word is closed when its last byte is its quote, and that byte is neither the opening one nor escaped. */
function isClosed(text: string, word: Word): boolean {
  if (word.end - word.start < 2 || text[word.end - 1] !== word.quote) return false;
  let at = word.end - 2;
  while (at > word.start && text.charCodeAt(at) === backslash) at--;
  return (word.end - 2 - at) % 2 === 0;
}

const controls: Record<string, string> = { t: '\t', r: '\r', n: '\n', '"': '"', "'": "'", '\\': '\\' };

/** A word that nginx has no room for has no value there either; it stays as it is. */
function wordValue(raw: string, escaped: boolean): string {
  if (!escaped || raw.length > wordBytesMax) return raw;
  return raw.replace(/\\(["'\\trn])/g, (_whole, letter: string) => controls[letter]!);
}
