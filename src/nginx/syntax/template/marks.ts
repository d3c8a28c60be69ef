/** Files that another program turns into nginx's language: what in them is that program's. */

import { endOfLua } from '../lua.ts';
import type { Span, TemplateEngine, TemplateMark } from '../tree.ts';

/**
 * All template marks of a text in order, outside of nginx's comments and of Lua. Empty for an ordinary configuration.
 */
export function templateMarks(text: string): TemplateMark[] {
  const marks: TemplateMark[] = [];
  if (!/\{\{|\{%|\{#|<%|<\/?#|\$\{[A-Z]|@@?[A-Z]/.test(text)) return marks;
  const isFreeMarker = /<#(?:if|list|assign|macro|include|else)\b/.test(text);
  const opening = isFreeMarker ? openingFreeMarker : openingUsual;
  const braces = engineOfBraces(text);
  const lua = luaRanges(text);
  const defined = definedVariables(text);
  const closing = { '%}': -1, '#}': -1, '}}': -1, '%>': -1, '>': -1, '}': -1 };
  let inLua = 0;
  let lineStart = 0;
  let nextLine = lineAfter(text, 0);
  opening.lastIndex = 0;
  for (let match = opening.exec(text); match !== null && marks.length < marksMax; match = opening.exec(text)) {
    const start = match.index;
    while (inLua < lua.length && lua[inLua]!.end <= start) inLua++;
    if (inLua < lua.length && lua[inLua]!.start <= start) continue;
    while (nextLine <= start) {
      lineStart = nextLine;
      nextLine = lineAfter(text, lineStart);
    }
    let end = opening.lastIndex;
    if (match[0].startsWith('@')) {
      // A location is named @LIKE_THIS too.
      if (
        /\b(?:location|try_files|error_page)\b[^;{]*$/.test(
          text.slice(Math.max(lineStart, start - lookAroundMax), start),
        )
      )
        continue;
    } else if (match[1] === undefined) {
      const close = closers[match[0].slice(0, 2)]!;
      if (closing[close] < end && closing[close] !== Number.POSITIVE_INFINITY) {
        const found = text.indexOf(close, end);
        closing[close] = found < 0 ? Number.POSITIVE_INFINITY : found;
      }
      end = closing[close] + close.length;
      if (match[0].startsWith('{{{') && text[end] === '}') end++;
      if (end - start > markBytesMax) continue;
    } else if (defined.has(match[1])) continue;
    const before = text.slice(Math.max(lineStart, start - lookAroundMax), start);
    // The # of a mark in front of this one begins no comment.
    const sinceMark = before.slice(Math.max(0, (marks.at(-1)?.end ?? 0) - (start - before.length)));
    if (isInComment(sinceMark) || (match[0] === '{#' && before.trim() !== '')) continue;
    const found = text.slice(start, end);
    const alone = before.trim() === '' && text.slice(end, Math.min(nextLine, end + lookAroundMax)).trim() === '';
    const isBetween = alone && startsStatement(text, marks.at(-1)?.end ?? 0, lineStart);
    const role = isControl(found) ? 'control' : isBetween ? 'statements' : 'print';
    marks.push({ start, end, engine: engineOf(found, braces), role });
    opening.lastIndex = end;
  }
  return marks;
}

/**
 * True when what stands before a line is a whole statement, the start of a block or another mark, comments passed over.
 */
function startsStatement(text: string, markEnd: number, lineStart: number): boolean {
  const from = Math.max(markEnd, lineStart - statementMax);
  const before = text
    .slice(from, lineStart)
    .replace(/(^|[\s;{}])#[^\n]*/g, '$1')
    .trimEnd();
  return before === '' ? from === markEnd : /[;{}]$/.test(before);
}

/** No statement that a template's value stands in the middle of is longer. */
const statementMax = 2000;

function lineAfter(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? Number.POSITIVE_INFINITY : found + 1;
}

/**
 * `{{` in places where nginx has no use for it, `{%`, `{#`, `<%`, `${UPPER}`, which envsubst replaces, and `@@NAME@@`.
 */
const usual = String.raw`\{%[-+]?\s{0,20}\w|\{#|\{\{[-~]?\s{0,20}[\w.$#/>"'!(@&*^{]|<%|\$\{([A-Z][A-Z0-9_]{0,100})\}|@@?[A-Z][A-Z0-9_.-]{1,100}@@?`;
const openingUsual = new RegExp(usual, 'g');
/** `${…}` is FreeMarker's in any letters, once there is another mark of it. */
const openingFreeMarker = new RegExp(`</?#[a-z-]|\\$\\{(?=[^}])|${usual}`, 'g');

type Closer = '%}' | '#}' | '}}' | '%>' | '>' | '}';
const closers: Record<string, Closer> = {
  '{%': '%}',
  '{#': '#}',
  '{{': '}}',
  '<%': '%>',
  '<#': '>',
  '</': '>',
  '${': '}',
};

/** A longer mark is none: its opening letters stand there for another reason. */
const markBytesMax = 4000;
/** How much of a line is looked at around a mark; one line can be the whole file. */
const lookAroundMax = 200;
/** No template that a person wrote has as many. */
const marksMax = 100_000;

/** `{{ name }}` alone can be of several engines; the marks beside it tell which. */
function engineOfBraces(text: string): TemplateEngine {
  if (/\{\{[-~]?\s*[#^]/.test(text)) return 'Handlebars';
  if (/\{%[-+]?\s*\w/.test(text)) return 'Jinja';
  return /\{\{-?\s*(?:\.|\$\w|(?:range|if|end|with|define|template|block|include)\b)/.test(text)
    ? 'Go template'
    : 'Handlebars or Jinja';
}

function engineOf(found: string, braces: TemplateEngine): TemplateEngine {
  if (found.startsWith('@')) return 'placeholders';
  if (/^<\/?#/.test(found) || (found.startsWith('${') && !/^\$\{[A-Z][A-Z0-9_]*\}$/.test(found))) return 'FreeMarker';
  if (found.startsWith('${')) return 'envsubst';
  if (found.startsWith('<%')) return 'ERB or EJS';
  if (found.startsWith('{%') || found.startsWith('{#')) return 'Jinja';
  if (/\.(?:Values|Release|Chart|Capabilities)\b/.test(found)) return 'Helm';
  return braces;
}

const controlWord = /^\{\{[-~]?\s*(?:(?:range|if|else|end|with|define|block)\b|[#/^!]|\/\*|\$\w+\s*:?=)/;

/** A mark that prints nothing: a loop, a condition, a comment, an assignment. */
function isControl(found: string): boolean {
  if (/^(?:\$\{|@)/.test(found)) return false;
  if (found.startsWith('<%'))
    return !/^<%[-=]/.test(found) || /^<%-\s*(?:if|unless|else|elsif|end|for|each|\}|.*\bdo\b)/.test(found);
  return !found.startsWith('{{') || controlWord.test(found);
}

/** Names in capitals that the text itself defines as variables of nginx. */
function definedVariables(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const line of text.matchAll(/^[ \t]{0,200}(?:set|map|geo|split_clients|auth_request_set)[ \t][^\n]{0,500}/gm))
    for (const name of line[0].matchAll(/\$([A-Z][A-Z0-9_]*)/g)) names.add(name[1]!);
  return names;
}

/** `before` is what stands on the line in front of the mark. */
function isInComment(before: string): boolean {
  return before.includes('#') && /(?:^|[\s;{}])#/.test(before.replace(/"[^"]*"|'[^']*'/g, ''));
}

/** Lua has `{{` of its own. */
function luaRanges(text: string): Span[] {
  const ranges: Span[] = [];
  let readUpTo = 0;
  for (const match of text.matchAll(/_by_lua_block\b[^;{]{0,200}\{/g)) {
    const start = match.index + match[0].length;
    if (start < readUpTo) continue;
    const end = endOfLua(text, start);
    readUpTo = end < 0 ? text.length : end;
    ranges.push({ start, end: readUpTo });
  }
  return ranges;
}
