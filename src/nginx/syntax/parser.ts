/** Builds the tree of one file. It never throws and never recurses: any text gives a tree and findings. */

import type { Diagnostic } from '../../base/diagnostic.ts';
import { readable } from './bytes.ts';
import { type Lexer, type LexicalProblem, readStatement } from './lexer.ts';
import { type SyntaxLimits, syntaxLimits } from './limits.ts';
import { endOfLua } from './lua.ts';
import { lineStartsOf, whereIn } from './place.ts';
import { createReport, type NginxCode, type Report, type SyntaxFinding } from './report.ts';
import { readTemplate } from './template/mask.ts';
import type { Block, Comment, ConfigFile, Directive, TemplateFacts, Word } from './tree.ts';

export interface ParseOptions {
  /** For findings. Default: `nginx.conf`. */
  readonly path?: string;
  /** Of a template: which branch of every condition is read, from 0. */
  readonly reading?: number;
  readonly limits?: Partial<SyntaxLimits>;
}

export interface ParsedFile {
  readonly value: ConfigFile;
  readonly diagnostics: readonly Diagnostic<NginxCode>[];
}

/** Reads one file's text (bytes.ts says which text). Faults are findings with line and column. */
export function parse(text: string, options: ParseOptions = {}): ParsedFile {
  const limits = { ...syntaxLimits, ...options.limits };
  const report = createReport(limits.diagnosticsMax);
  const budget = { nodesLeft: limits.nodesMax };
  return {
    value: parseFile(text, {
      path: options.path ?? 'nginx.conf',
      reading: options.reading ?? 0,
      report,
      budget,
    }),
    diagnostics: report.diagnostics,
  };
}

export interface FileContext {
  readonly path: string;
  readonly reading: number;
  readonly report: Report;
  /** Shared by the files of one configuration. */
  readonly budget: { nodesLeft: number };
}

export function parseFile(original: string, { path, reading, report, budget }: FileContext): ConfigFile {
  const template = readTemplate(original, reading);
  const text = template?.masked ?? original;
  const directives: Building[] = [];
  const file: Mutable<ConfigFile> & { comments: Comment[] } = {
    path,
    text: original,
    directives,
    comments: [],
    readUpTo: text.length,
    lineStarts: lineStartsOf(text),
    template: template === null ? null : { ...template.facts, sound: true },
  };
  // What is odd in a template's text need not be the writer's fault, so it has a single finding.
  let lastUnexpectedAt = -1;
  let faults = 0;
  const quiet = template !== null;
  if (template !== null) report.add('nginx-template', templateFinding(file, template.facts));
  const found: Found = (code, start, end, message, related) => {
    if (quiet) faults++;
    if (quiet || start === lastUnexpectedAt || report.full()) return;
    // A "}" behind words is reported with them, and seen once more when it closes the block.
    if (code === 'nginx-unexpected-token') lastUnexpectedAt = start;
    report.add(code, {
      message,
      where: whereIn(file, { start, end }),
      ...(related !== undefined && {
        related: [{ message: 'opened here', where: whereIn(file, { start: related, end: related + 1 }) }],
      }),
    });
  };
  const lexer: Lexer = {
    text,
    offset: 0,
    comments: file.comments,
    nodesLeft: budget.nodesLeft,
    halted: false,
    onProblem: (problem) => {
      if (quiet) faults++;
      else tell(problem, text, found);
      lexer.halted = report.full() || faults > faultsMax;
    },
  };
  if (text.startsWith(byteOrderMark)) {
    found('nginx-byte-order-mark', 0, 3, 'the file begins with a byte order mark (bytes EF BB BF)');
    // nginx takes it for a part of the first name; that it is not known then is the same fault.
    lexer.offset = byteOrderMark.length;
  }

  let around: Building | null = null;
  for (;;) {
    const words: Word[] = [];
    const ending = readStatement(lexer, words);
    const stopped = lexer.nodesLeft <= 0 || lexer.halted || report.full();
    if (words.length > 0 || ending === '{') {
      const directive: Building = begin(file, around, words, lexer.offset);
      directive.terminated = ending === ';' || ending === '{';
      if (!directive.terminated) directive.end = words.at(-1)!.end;
      (around === null ? directives : around.block!.directives).push(directive);
      lexer.nodesLeft -= ending === '{' ? blockNodes : 1;
      if (ending === '{') {
        directive.block = {
          start: lexer.offset - 1,
          end: text.length,
          directives: [],
          language: 'nginx',
          closed: false,
        };
        if (!directive.name.endsWith('_by_lua_block')) around = directive;
        else if (!readLua(lexer, directive))
          found('nginx-unexpected-end', text.length, text.length, endOfFile('}'), directive.block.start);
      }
      if (!stopped) continue;
    }
    if (stopped) {
      file.readUpTo = lexer.offset;
      found('nginx-limit-reached', lexer.offset, lexer.offset, 'the configuration has too many words to read on here');
      break;
    }
    if (ending === 'end') {
      if (around !== null) found('nginx-unexpected-end', text.length, text.length, endOfFile('}'), around.block!.start);
      break;
    }
    if (ending !== '}') continue;
    if (around === null) found('nginx-unexpected-token', lexer.offset - 1, lexer.offset, 'unexpected "}"');
    else {
      around.end = lexer.offset;
      around.block!.end = lexer.offset;
      around.block!.closed = true;
      around = around.parent;
    }
  }
  closeAt(around, file.readUpTo);
  budget.nodesLeft = lexer.nodesLeft;
  if (file.template !== null) file.template = { ...file.template, sound: faults === 0 };
  return file;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type BuildingBlock = Omit<Mutable<Block>, 'directives'> & { directives: Building[] };
type Building = Omit<Mutable<Directive>, 'block' | 'parent'> & { block: BuildingBlock | null; parent: Building | null };

/** A block takes about three times the memory of a plain statement. */
const blockNodes = 3;
/** A template's text is read no further once it has proved to be nothing like nginx's. */
const faultsMax = 10_000;

const byteOrderMark = '\u00ef\u00bb\u00bf';

function begin(file: ConfigFile, parent: Building | null, words: Word[], end: number): Building {
  const [name, ...rest] = words;
  return {
    file,
    parent,
    name: name?.value ?? '',
    args: rest.map((word) => word.value),
    words,
    block: null,
    terminated: true,
    start: name?.start ?? end - 1,
    end,
  };
}

/** Takes the inside of a Lua block as it is; false when it does not end. */
function readLua(lexer: Lexer, directive: Building): boolean {
  const close = endOfLua(lexer.text, lexer.offset);
  const end = close < 0 ? lexer.text.length : close + 1;
  directive.block!.language = 'lua';
  directive.block!.closed = close >= 0;
  directive.block!.end = end;
  directive.end = end;
  lexer.offset = end;
  return close >= 0;
}

/** The blocks that are still open end where the text does. */
function closeAt(innermost: Building | null, end: number): void {
  for (let open = innermost; open !== null; open = open.parent) {
    open.end = end;
    open.block!.end = end;
  }
}

function endOfFile(expected: string): string {
  return `unexpected end of file, expecting ${expected === '}' ? '"}"' : '";" or "}"'}`;
}

type Found = (code: NginxCode, start: number, end: number, message: string, related?: number) => void;

function tell(problem: LexicalProblem, text: string, found: Found): void {
  const { offset } = problem;
  if (problem.kind === 'unexpected')
    found('nginx-unexpected-token', offset, offset + 1, `unexpected "${readable(problem.letter)}"`);
  else if (problem.kind === 'end')
    found('nginx-unexpected-end', offset, offset, endOfFile(';'), problem.quoteAt ?? undefined);
  else {
    const begins = readable(text.slice(offset, offset + 10));
    const missing = problem.quote === '' ? '' : `, probably missing a closing ${problem.quote}`;
    found('nginx-word-too-long', offset, offset + 10, `too long parameter "${begins}..." started here${missing}`);
  }
}

function templateFinding(file: ConfigFile, { marks, engines, readings }: TemplateFacts): SyntaxFinding {
  const first = marks[0]!;
  const sample = readable(file.text.slice(first.start, first.end), 40);
  const times = marks.length === 1 ? 'once' : `${marks.length} times`;
  const ways = readings === 1 ? '' : ` along each of ${readings} branches`;
  const message = `${file.path} is a template (${engines.join(', ')}: ${sample} and the like, ${times}), read${ways} as far as it is nginx`;
  return { message, where: whereIn(file, first) };
}
