/** From trees to text: a tree that was read comes back byte for byte, one that was made is written in one style. */

import type { ConfigFile, Directive } from './tree.ts';

/** The text of a file, put together from its tree: every word, what is between words, and what was not read. */
export function print(file: ConfigFile): string {
  const { text } = file;
  const pieces: string[] = [];
  let at = 0;
  const upTo = (offset: number) => {
    if (offset > at) pieces.push(text.slice(at, offset));
    at = Math.max(at, offset);
  };
  const open: { readonly directives: readonly Directive[]; next: number; readonly end: number }[] = [
    { directives: file.directives, next: 0, end: text.length },
  ];
  for (let level = open.at(-1); level !== undefined; level = open.at(-1)) {
    const directive = level.directives[level.next++];
    if (directive === undefined) {
      upTo(level.end);
      open.pop();
      continue;
    }
    for (const word of directive.words) {
      upTo(word.start);
      upTo(word.end);
    }
    if (directive.block === null) upTo(directive.end);
    else {
      upTo(directive.block.start + 1);
      open.push({ directives: directive.block.directives, next: 0, end: directive.end });
    }
  }
  return pieces.join('');
}

/** A statement to be written. */
export interface Written {
  readonly name: string;
  /** Values; they are quoted where nginx needs it. */
  readonly args?: readonly string[];
  readonly block?: readonly (Written | WrittenComment | WrittenBlank)[];
  /** Behind the statement on its line, without `#`. */
  readonly remark?: string;
}

/** A comment on lines of its own, without `#`. */
export interface WrittenComment {
  readonly comment: string;
}

/** An empty line. */
export interface WrittenBlank {
  readonly blank: true;
}

/** Writes statements with four spaces per level, as nginx's own files have them. */
export function write(statements: readonly (Written | WrittenComment | WrittenBlank)[], level = 0): string {
  const indent = '    '.repeat(level);
  return statements.map((statement) => writeOne(statement, indent, level)).join('');
}

/** An argument as it has to be written so that nginx reads `value`: quoted only where it must be. */
export function quoted(value: string): string {
  if (value !== '' && !needsQuotes(value)) return value;
  const mark = value.includes('"') && !value.includes("'") ? "'" : '"';
  const escaped = value.replace(/\\(?=[\\"'trn]|$)/g, '\\\\').replaceAll(mark, `\\${mark}`);
  return `${mark}${escaped}${mark}`;
}

function writeOne(statement: Written | WrittenComment | WrittenBlank, indent: string, level: number): string {
  if ('blank' in statement) return '\n';
  if ('comment' in statement) {
    const lines = statement.comment.split('\n').map((line) => `${indent}# ${line}`.trimEnd());
    return `${lines.join('\n')}\n`;
  }
  const head = indent + [statement.name, ...(statement.args ?? []).map(quoted)].join(' ');
  const remark = statement.remark === undefined ? '' : `  # ${statement.remark.replaceAll('\n', ' ')}`;
  if (statement.block === undefined) return `${head};${remark}\n`;
  return `${head} {${remark}\n${write(statement.block, level + 1)}${indent}}\n`;
}

/** What ends or changes a word that stands without quotes. `${name}` may stay. */
function needsQuotes(value: string): boolean {
  return /[\s;]|^["'#}]|\\(?:[\\"'trn]|$)/.test(value) || value.replace(/\$\{\w+\}/g, '').includes('{');
}
