/** Reads a root file and everything it includes, through a reader that somebody outside passes in. */

import type { Diagnostic, Related } from '../../base/diagnostic.ts';
import { readable, textOfBytes } from './bytes.ts';
import { contextOfText } from './fragment.ts';
import { isGlob } from './glob.ts';
import { type SyntaxLimits, syntaxLimits } from './limits.ts';
import { parseFile } from './parser.ts';
import { lineStartsOf, whereOf } from './place.ts';
import type { ConfigReader } from './reader.ts';
import { createReport, type NginxCode, type Report } from './report.ts';
import { isStockFile } from './stock-files.ts';
import { unknownLetter } from './template/mask.ts';
import type { ConfigFile, Configuration, Directive, Gap, Inclusion, Statement } from './tree.ts';

export interface ReadOptions {
  /** The directory that relative includes start from: nginx takes that of nginx.conf. Default: the root file's. */
  readonly prefix?: string;
  /** Where directories of the machine that runs nginx are here: `/etc/nginx` in a checkout. */
  readonly roots?: readonly PathRoot[];
  /** The blocks around the root file; default: what its `# holdline:context` says, else none. */
  readonly context?: readonly string[];
  /** Of templates: which branch of every condition is read, from 0. */
  readonly reading?: number;
  readonly limits?: Partial<SyntaxLimits>;
}

export interface PathRoot {
  /** As the configuration writes it, without a slash at its end. */
  readonly from: string;
  readonly to: string;
}

export interface ReadConfiguration {
  readonly value: Configuration;
  readonly diagnostics: readonly Diagnostic<NginxCode>[];
}

/** Never throws; a root file that cannot be read gives an empty configuration and a finding. */
export function readConfiguration(
  rootPath: string,
  reader: ConfigReader,
  options: ReadOptions = {},
): ReadConfiguration {
  const limits = { ...syntaxLimits, ...options.limits };
  const reading: Reading = {
    reader,
    limits,
    report: createReport(limits.diagnosticsMax),
    budget: { nodesLeft: limits.nodesMax },
    statementsLeft: limits.statementsMax,
    branch: options.reading ?? 0,
    prefix: options.prefix ?? (rootPath.includes('/') ? rootPath.slice(0, rootPath.lastIndexOf('/') + 1) : ''),
    files: new Map(),
    inclusions: new Map(),
    gaps: [],
    roots: options.roots ?? [],
    missingFiles: new Map(),
    tooMuch: false,
    missing: null,
  };
  const root = open(reading, rootPath, null) ?? emptyFile(rootPath);
  const statements = expand(reading, root.directives, null, [], [root], 0);
  tellMissing(reading);
  return {
    value: {
      root,
      files: reading.files,
      statements,
      inclusions: [...reading.inclusions.values()],
      gaps: reading.gaps,
      context: options.context ?? contextOfText(root) ?? [],
    },
    diagnostics: reading.report.diagnostics,
  };
}

interface Reading {
  readonly reader: ConfigReader;
  readonly limits: SyntaxLimits;
  readonly report: Report;
  readonly budget: { nodesLeft: number };
  statementsLeft: number;
  readonly branch: number;
  readonly prefix: string;
  readonly files: Map<string, ConfigFile>;
  /** By the directive: a file that is included twice has its own includes once. */
  readonly inclusions: Map<Directive, Inclusion>;
  readonly gaps: Gap[];
  readonly roots: readonly PathRoot[];
  /** Every include of a file that is not there, by its path. */
  readonly missingFiles: Map<string, Directive[]>;
  tooMuch: boolean;
  /** The path that was last found missing, to tell that from one that could not be read. */
  missing: string | null;
}

/** Blocks in which `include` is an entry of the block's data like any other. */
const noIncludeIn = new Set(['split_clients', 'charset_map']);

function expand(
  reading: Reading,
  directives: readonly Directive[],
  parent: Statement | null,
  through: readonly Directive[],
  openFiles: readonly ConfigFile[],
  depth: number,
): Statement[] {
  const statements: Statement[] = [];
  holesIn(reading, { directives, parent, file: openFiles.at(-1)! });
  for (const directive of directives) {
    if (reading.statementsLeft <= 0) {
      stop(reading, directive, `more than ${reading.limits.statementsMax} statements`);
      break;
    }
    if (isInclude(directive, parent)) {
      // Each include costs as much as a statement, or empty files could include each other without end.
      reading.statementsLeft--;
      const inclusion = include(reading, directive, openFiles);
      if (!complete.has(inclusion.outcome) && reading.gaps.length < gapsMax)
        reading.gaps.push({ parent, what: directive.args[0]!, kind: 'include' });
      for (const file of inclusion.files)
        for (const statement of expand(
          reading,
          file.directives,
          parent,
          [...through, directive],
          [...openFiles, file],
          depth + 1,
        ))
          statements.push(statement);
      continue;
    }
    reading.statementsLeft--;
    const children: Statement[] = [];
    const statement: Statement = { directive, parent, children, through };
    statements.push(statement);
    if (directive.block === null || directive.block.directives.length === 0) continue;
    if (depth >= reading.limits.nestingMax)
      stop(reading, directive, `more than ${reading.limits.nestingMax} blocks within one another`);
    else
      for (const child of expand(reading, directive.block.directives, statement, through, openFiles, depth + 1))
        children.push(child);
  }
  return statements;
}

interface Inside {
  readonly directives: readonly Directive[];
  readonly parent: Statement | null;
  readonly file: ConfigFile;
}

/** Where a template's engine may put statements in: in this block, and not in one of those within it. */
function holesIn({ gaps }: Reading, { directives, parent, file }: Inside): void {
  const holes = file.template?.holes ?? [];
  if (holes.length === 0) return;
  const block = parent?.directive.file === file ? parent.directive.block : null;
  for (const hole of holes) {
    if (block !== null && (hole.start < block.start || hole.end > block.end)) continue;
    if (directives.some((each) => hole.start >= each.start && hole.end <= each.end) || gaps.length >= gapsMax) continue;
    gaps.push({ parent, what: readable(file.text.slice(hole.start, hole.end), 40), kind: 'template' });
  }
}

/** Outcomes after which nothing that could matter is left out. */
const complete: ReadonlySet<Inclusion['outcome']> = new Set(['read', 'no-match', 'stock']);
/** Each is looked at for the block it stands in; a file with more of them is no configuration. */
const gapsMax = 10_000;

function isInclude(directive: Directive, parent: Statement | null): boolean {
  if (directive.name !== 'include' || directive.args.length !== 1 || directive.block !== null) return false;
  return parent === null || !noIncludeIn.has(parent.directive.name);
}

function include(reading: Reading, directive: Directive, openFiles: readonly ConfigFile[]): Inclusion {
  if (openFiles.length > reading.limits.includeDepthMax) {
    stop(reading, directive, `includes within includes, more than ${reading.limits.includeDepthMax} deep`);
    return { directive, files: [], outcome: 'limit' };
  }
  const known = reading.inclusions.get(directive);
  if (known !== undefined && known.outcome !== 'cycle') return known;
  const made = find(reading, directive, openFiles);
  if (known === undefined) reading.inclusions.set(directive, made);
  return made;
}

function find(reading: Reading, directive: Directive, openFiles: readonly ConfigFile[]): Inclusion {
  const { report } = reading;
  const written = directive.args[0]!;
  // Only the engine of the template knows what stands there.
  if (written.includes(unknownLetter)) return { directive, files: [], outcome: 'unknown' };
  const path = rooted(written.startsWith('/') ? written : joined(reading.prefix, written), reading.roots);
  const where = whereOf(directive);
  if (!isGlob(path)) {
    const outcome = openOne(reading, path, directive, openFiles);
    return typeof outcome === 'string'
      ? { directive, files: [], outcome }
      : { directive, files: [outcome], outcome: 'read' };
  }
  const paths = reading.reader.glob(path);
  if (paths.length === 0) {
    report.add('nginx-include-no-match', { message: `no file matches "${readable(written)}"`, where });
    return { directive, files: [], outcome: 'no-match' };
  }
  const outcomes = paths.map((each) => openOne(reading, each, directive, openFiles));
  const files = outcomes.filter((outcome) => typeof outcome !== 'string');
  return { directive, files, outcome: outcomes.find((outcome) => typeof outcome === 'string') ?? 'read' };
}

type Failure = Exclude<Inclusion['outcome'], 'read' | 'no-match' | 'unknown'>;

function openOne(
  reading: Reading,
  path: string,
  directive: Directive,
  openFiles: readonly ConfigFile[],
): ConfigFile | Failure {
  if (openFiles.some((file) => file.path === path)) {
    const chain: Related[] = openFiles.map((file) => ({ message: `reading ${file.path}`, where: { file: file.path } }));
    const message = `"${readable(path)}" includes itself`;
    reading.report.add('nginx-include-cycle', { message, where: whereOf(directive), related: chain });
    return 'cycle';
  }
  const known = reading.files.get(path);
  if (known !== undefined) return known;
  if (reading.files.size >= reading.limits.filesMax) {
    stop(reading, directive, `more than ${reading.limits.filesMax} files`);
    return 'limit';
  }
  const opened = open(reading, path, directive);
  if (opened !== null) return opened;
  if (reading.missing !== path) return 'unreadable';
  return isStockFile(path) ? 'stock' : 'missing';
}

function open(reading: Reading, path: string, by: Directive | null): ConfigFile | null {
  const { limits, report, budget, branch } = reading;
  const outcome = reading.reader.read(path, limits.fileBytesMax);
  if (outcome.ok && outcome.bytes.length <= limits.fileBytesMax) {
    const file = parseFile(textOfBytes(outcome.bytes), { path, reading: branch, report, budget });
    reading.files.set(path, file);
    return file;
  }
  const problem = outcome.ok ? 'too-large' : outcome.problem;
  const where = by === null ? { file: path } : whereOf(by);
  const shown = readable(path, 200);
  if (problem === 'too-large')
    report.add('nginx-limit-reached', { message: `${shown} is larger than ${limits.fileBytesMax} bytes`, where });
  else if (problem === 'missing' && by !== null) {
    const known = reading.missingFiles.get(path);
    if (known !== undefined) known.push(by);
    else if (!isStockFile(path)) reading.missingFiles.set(path, [by]);
  } else {
    const message = `${shown} ${problem === 'directory' ? 'is a directory' : 'cannot be read'}`;
    report.add('nginx-unreadable-file', { message: outcome.ok ? message : `${message}: ${outcome.message}`, where });
  }
  reading.missing = problem === 'missing' ? path : null;
  return null;
}

/** A file that many places include is one file to find. */
function tellMissing({ missingFiles, report }: Reading): void {
  for (const [path, [first, ...others]] of missingFiles) {
    const more = others.length === 0 ? '' : `, which ${others.length + 1} places include`;
    report.add('nginx-include-missing', {
      message: `there is no file "${readable(path, 200)}"${more}`,
      where: whereOf(first!),
      ...(others.length > 0 && {
        related: others.slice(0, relatedMax).map((each) => ({ message: 'included here too', where: whereOf(each) })),
      }),
    });
  }
}

const relatedMax = 5;

/** The path here of a path there; the longest root that fits counts. */
function rooted(path: string, roots: readonly PathRoot[]): string {
  const fitting = roots.filter(({ from }) => path === from || path.startsWith(`${from}/`));
  const [root] = fitting.toSorted((a, b) => b.from.length - a.from.length);
  return root === undefined ? path : root.to + path.slice(root.from.length);
}

/** Says once that there was too much; one finding stands for all that follows from it. */
function stop(reading: Reading, directive: Directive, message: string): void {
  if (reading.tooMuch) return;
  reading.tooMuch = true;
  reading.report.add('nginx-limit-reached', { message, where: whereOf(directive) });
}

function joined(prefix: string, path: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix + path : `${prefix}/${path}`;
}

function emptyFile(path: string): ConfigFile {
  return { path, text: '', directives: [], comments: [], readUpTo: 0, template: null, lineStarts: lineStartsOf('') };
}
