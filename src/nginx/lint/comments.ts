/** Comments that speak to the linter: `# holdline:ignore RULE: reason` and `# holdline:websocket`. */

import type { Severity } from '../../base/diagnostic.ts';
import type { ConfigFile, Directive, Span } from '../syntax/tree.ts';

/** A comment that keeps findings of some rules quiet in a range of its file. */
export interface Suppression {
  readonly file: ConfigFile;
  readonly comment: Span;
  /** As written: `ws007-idle-timeout-default` or `ws007`. */
  readonly rules: readonly string[];
  readonly reason: string;
  /** The statement it speaks of, block and all; null when none follows. */
  readonly covers: Directive | null;
}

export interface Comments {
  readonly suppressions: readonly Suppression[];
  /** Locations that a comment names as WebSocket ones. */
  readonly marked: ReadonlySet<Directive>;
  readonly problems: readonly CommentProblem[];
}

export interface CommentProblem {
  readonly file: ConfigFile;
  readonly comment: Span;
  readonly severity: Severity;
  readonly message: string;
}

/** A longer comment is no instruction of ours. */
const commentBytesMax = 400;

export function readComments(files: Iterable<ConfigFile>): Comments {
  const suppressions: Suppression[] = [];
  const marked = new Set<Directive>();
  const problems: CommentProblem[] = [];
  for (const file of files) {
    if (!file.text.includes('holdline:')) continue;
    for (const comment of file.comments) {
      const text = file.text.slice(comment.start, Math.min(comment.end, comment.start + commentBytesMax));
      const match = /^#+\s*holdline:([\w-]*)\s*(.*)$/.exec(text.replace(/\r$/, ''));
      if (match === null) continue;
      const [, word, rest] = match;
      const problem = (message: string) => problems.push({ file, comment, severity: 'error', message });
      if (word === 'context') continue;
      if (word === 'websocket') {
        const location = locationFor(file, comment);
        if (location === null) problem('"holdline:websocket" stands neither in a location nor before one');
        else marked.add(location);
      } else if (word === 'ignore') {
        const parts = /^([^:]*?)\s*:\s*(.*)$/.exec(rest!);
        const rules = (parts?.[1] ?? rest!).split(/[\s,]+/).filter((rule) => rule !== '');
        const reason = parts?.[2]?.trim() ?? '';
        if (rules.length === 0) problem('"holdline:ignore" names no rule');
        else if (reason === '') problem(`"holdline:ignore ${rules.join(', ')}" gives no reason`);
        else suppressions.push({ file, comment, rules, reason, covers: subjectOf(file, comment) });
      } else problem(`"holdline:${word}" means nothing; there are ignore, websocket and context`);
    }
  }
  return { suppressions, marked, problems };
}

/** The statement on whose line a comment ends, or the one that follows it. */
function subjectOf(file: ConfigFile, comment: Span): Directive | null {
  const { around, siblings, index } = surroundings(file, comment);
  const sameLine = (offset: number) => !file.text.slice(offset, comment.start).includes('\n');
  const before = siblings[index];
  if (before !== undefined && sameLine(before.end)) return before;
  // Behind the brace that opens a block, a comment speaks of the block.
  if (before === undefined && around !== null && sameLine(around.block!.start)) return around;
  return siblings[index + 1] ?? null;
}

function locationFor(file: ConfigFile, comment: Span): Directive | null {
  const subject = subjectOf(file, comment);
  if (subject?.name === 'location') return subject;
  for (let { around } = surroundings(file, comment); around !== null; around = around.parent)
    if (around.name === 'location') return around;
  return null;
}

interface Surroundings {
  readonly around: Directive | null;
  readonly siblings: readonly Directive[];
  /** Of the last sibling that begins before the comment; -1 when none does. */
  readonly index: number;
}

/** The block around a comment, and the statements in it. */
function surroundings(file: ConfigFile, comment: Span): Surroundings {
  let around: Directive | null = null;
  let siblings = file.directives;
  for (;;) {
    const index = lastBefore(siblings, comment.start);
    const before: Directive | undefined = siblings[index];
    const block = before?.block;
    if (before === undefined || block == null || block.start > comment.start || comment.end > block.end)
      return { around, siblings, index };
    around = before;
    siblings = block.directives;
  }
}

/** By halves, because a file can hold as many comments as statements. */
function lastBefore(siblings: readonly Directive[], offset: number): number {
  let low = 0;
  let high = siblings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (siblings[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
