/**
 * Files that another program turns into nginx's language. They are recognised, so that they can be refused with what
 * was found instead of a hundred odd errors, or masked, so that the rest can be read as far as it is nginx.
 */

import { endOfLua } from './lua.ts';
import type { Span } from './tree.ts';

export type TemplateEngine = 'Jinja' | 'Go template' | 'Helm' | 'ERB' | 'Handlebars or Jinja' | 'envsubst';

export interface TemplateMark extends Span {
  readonly engine: TemplateEngine;
  /** `print`: a value appears in its place. `control`: nothing does. */
  readonly role: 'print' | 'control';
}

/** All template marks of a text in order, outside of nginx's comments and of Lua. Empty for an ordinary configuration. */
export function templateMarks(text: string): TemplateMark[] {
  const marks: TemplateMark[] = [];
  if (!/\{\{|\{%|\{#|<%|\$\{[A-Z]/.test(text)) return marks;
  const lua = luaRanges(text);
  const defined = definedVariables(text);
  const closing = { '%}': -1, '#}': -1, '}}': -1, '%>': -1 };
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
    if (match[1] === undefined) {
      const close = closers[match[0].slice(0, 2)]!;
      if (closing[close] < end && closing[close] !== Number.POSITIVE_INFINITY) {
        const found = text.indexOf(close, end);
        closing[close] = found < 0 ? Number.POSITIVE_INFINITY : found;
      }
      end = closing[close] + 2;
      if (end - start > markBytesMax) continue;
    } else if (defined.has(match[1])) continue;
    const before = text.slice(Math.max(lineStart, start - lookAroundMax), start);
    if (isInComment(before) || (match[0] === '{#' && before.trim() !== '')) continue;
    const found = text.slice(start, end);
    const alone = before.trim() === '' && text.slice(end, Math.min(nextLine, end + lookAroundMax)).trim() === '';
    marks.push({ start, end, engine: engineOf(found), role: isControl(found, alone) ? 'control' : 'print' });
    opening.lastIndex = end;
  }
  return marks;
}

function lineAfter(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? Number.POSITIVE_INFINITY : found + 1;
}

/** Stands for a value that only the template engine knows: no byte is like it, so that checks can pass over it. */
export const unknownLetter = '\ue000';

/** The text with every mark replaced by as many letters: spaces for control, `unknownLetter` for values. */
export function maskTemplate(text: string, marks: readonly TemplateMark[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, role } of marks) {
    pieces.push(text.slice(at, start));
    pieces.push(text.slice(start, end).replace(/[^\n]/g, role === 'print' ? unknownLetter : ' '));
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces.join('');
}

/** `{{` in places where nginx has no use for it, `{%`, `{#`, `<%`, and `${UPPER}`, which envsubst replaces. */
const opening = /\{%[-+]?\s{0,20}\w|\{#|\{\{[-~]?\s{0,20}[\w.$#/>"'!(@&*^]|<%|\$\{([A-Z][A-Z0-9_]{0,100})\}/g;

const closers: Record<string, '%}' | '#}' | '}}' | '%>'> = { '{%': '%}', '{#': '#}', '{{': '}}', '<%': '%>' };

/** A longer mark is none: its opening letters stand there for another reason. */
const markBytesMax = 4000;
/** How much of a line is looked at around a mark; one line can be the whole file. */
const lookAroundMax = 200;
/** No template that a person wrote has as many. */
const marksMax = 100_000;

function engineOf(found: string): TemplateEngine {
  if (found.startsWith('${')) return 'envsubst';
  if (found.startsWith('<%')) return 'ERB';
  if (found.startsWith('{%') || found.startsWith('{#')) return 'Jinja';
  if (/\.(?:Values|Release|Chart|Capabilities)\b/.test(found)) return 'Helm';
  return goMark.test(found) ? 'Go template' : 'Handlebars or Jinja';
}

const goMark = /^\{\{-?\s*(?:\.|\$|range\b|if\b|else\b|end\b|with\b|define\b|template\b|block\b|include\b|\/\*)/;
const controlWord =
  /^\{\{[-~]?\s*(?:(?:range|if|else|end|with|define|template|block|include)\b|[#/>^!]|\/\*|\$\w+\s*:?=)/;

/** A mark that prints nothing, or stands on its line alone, as a loop, a condition or a partial does. */
function isControl(found: string, alone: boolean): boolean {
  if (found.startsWith('${')) return false;
  if (found.startsWith('<%')) return !found.startsWith('<%=');
  return !found.startsWith('{{') || alone || controlWord.test(found);
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
