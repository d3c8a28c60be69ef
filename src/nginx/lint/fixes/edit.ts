/** Edits of a file's text, made so that the result looks as if the writer had made them. */

import type { Edit } from '../../../base/diagnostic.ts';
import { quoted } from '../../syntax/printer.ts';
import type { ConfigFile, Directive } from '../../syntax/tree.ts';

/** A statement to be put in, as its words. */
export type NewLine = readonly string[];

/** Puts other arguments in the place of a statement's own. */
export function replaceArguments(directive: Directive, args: readonly string[]): Edit {
  const start = directive.words[0]!.end;
  const end = directive.words.at(-1)!.end;
  return { file: directive.file.path, start, end, text: args.map((arg) => ` ${quoted(arg)}`).join('') };
}

/** Puts another word in the place of one; 0 is the name. */
export function replaceWord(directive: Directive, index: number, value: string): Edit {
  const { start, end } = directive.words[index]!;
  return { file: directive.file.path, start, end, text: quoted(value) };
}

/** Takes a statement away, and its line when nothing else stands on it. */
export function remove(directive: Directive): Edit {
  const { text, path } = directive.file;
  const lineStart = lineStartAt(directive.file, directive.start);
  const lineEnd = text.indexOf('\n', directive.end);
  const behind = lineEnd < 0 ? text.length : lineEnd + 1;
  const alone = isBlank(text.slice(lineStart, directive.start)) && isBlank(text.slice(directive.end, behind));
  return { file: path, start: alone ? lineStart : directive.start, end: alone ? behind : directive.end, text: '' };
}

/** Puts statements behind one, on lines of their own unless the whole block is on one line. */
export function insertAfter(directive: Directive, lines: readonly NewLine[]): Edit {
  const { file, parent, end } = directive;
  const oneLine = parent !== null && !file.text.slice(parent.block!.start, end).includes('\n');
  const start = oneLine ? ' ' : `${lineEndOf(file)}${indentAt(file, directive.start)}`;
  return { file: file.path, start: end, end, text: lines.map((line) => start + statement(line)).join('') };
}

/** Puts statements behind the brace that opens a block. */
export function insertInto(directive: Directive, lines: readonly NewLine[]): Edit {
  return insertTextInto(directive, lines.map(statement));
}

/** Puts lines, which may begin with tabs for steps of indentation, behind the brace that opens a block. */
export function insertTextInto(directive: Directive, lines: readonly string[]): Edit {
  const { file } = directive;
  const block = directive.block!;
  const at = block.start + 1;
  const lineEnd = lineEndOf(file);
  const outer = indentAt(file, directive.start);
  const inner = outer + indentStepOf(file);
  const body = lines.map((line) => `${lineEnd}${inner}${stepped(file, line)}`).join('');
  // What stands behind the brace on its line moves to a line of its own.
  const lineRest = file.text.slice(at, file.text.indexOf('\n', at) < 0 ? block.end : file.text.indexOf('\n', at));
  const first = block.directives[0];
  const oneLine = first === undefined ? lineRest.includes('}') : lineRest.length > first.start - at;
  const tail = oneLine ? lineEnd + (first === undefined ? outer : inner) : '';
  return { file: file.path, start: at, end: at, text: body + tail };
}

/** Puts lines in front of a statement, an empty line behind them. */
export function insertTextBefore(directive: Directive, lines: readonly string[]): Edit {
  const { file } = directive;
  const lineEnd = lineEndOf(file);
  const indent = indentAt(file, directive.start);
  const text = lines.map((line) => `${stepped(file, line)}${lineEnd}${indent}`).join('');
  return { file: file.path, start: directive.start, end: directive.start, text };
}

/** The spaces and tabs in front of the line on which an offset lies. */
export function indentAt(file: ConfigFile, offset: number): string {
  return /^[ \t]*/.exec(file.text.slice(lineStartAt(file, offset), offset))![0];
}

/** As the file has it: a file from Windows stays one. */
export function lineEndOf(file: ConfigFile): string {
  const first = file.text.indexOf('\n');
  return first > 0 && file.text[first - 1] === '\r' ? '\r\n' : '\n';
}

/** One step of indentation as the file has it; four spaces where it has none. */
export function indentStepOf(file: ConfigFile): string {
  const known = steps.get(file);
  if (known !== undefined) return known;
  const step = findStep(file);
  steps.set(file, step);
  return step;
}

const steps = new WeakMap<ConfigFile, string>();

function findStep(file: ConfigFile): string {
  for (const directive of file.directives) {
    const inner = directive.block?.directives[0];
    const indent = inner === undefined ? '' : indentAt(file, inner.start);
    if (indent !== '') return indent.startsWith('\t') ? '\t' : indent;
  }
  return '    ';
}

function stepped(file: ConfigFile, line: string): string {
  return line.replace(/^\t+/, (tabs) => indentStepOf(file).repeat(tabs.length));
}

function lineStartAt(file: ConfigFile, offset: number): number {
  return offset === 0 ? 0 : file.text.lastIndexOf('\n', offset - 1) + 1;
}

/** One statement with its semicolon. */
function statement(line: NewLine): string {
  return `${line.map(quoted).join(' ')};`;
}

function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}
