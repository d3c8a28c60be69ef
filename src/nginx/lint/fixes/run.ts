/**
 * Applies fixes until nothing more changes. After each round the files are read and linted again, and a round that
 * made anything worse is taken back. No file is written here: what changed is the result.
 */

import type { Edit, Fix } from '../../../base/diagnostic.ts';
import type { Effective } from '../../effective/model.ts';
import { passageOf } from '../../effective/request/passage.ts';
import { applyEdits } from '../../syntax/edits.ts';
import type { LintDiagnostic } from '../lint.ts';
import { lossBetween, passagesOf, samplesFor } from './proof.ts';

/** Texts by path; those that are not in it are as they were. */
export type Texts = ReadonlyMap<string, string>;

/** What is known after reading and linting with some texts changed. */
export interface Look {
  /** All that was found, by the reader as well as by rules. */
  readonly diagnostics: readonly LintDiagnostic[];
  readonly textOf: (path: string) => string | undefined;
  /** What the texts come to; without it nothing is proved. */
  readonly model?: Effective;
}

export interface FixRequest {
  /** Reads and lints with these texts in the place of the files. */
  readonly look: (changed: Texts) => Look;
  /** `safe` fixes change nothing that somebody could want; `all` takes the others too. */
  readonly which: 'safe' | 'all';
  /** Files that may be changed; default: all that were read. */
  readonly mayChange?: (path: string) => boolean;
}

export interface AppliedFix {
  readonly code: string;
  readonly title: string;
  readonly file: string;
  readonly line: number;
}

/** A fix that was tried and taken back. */
export interface TakenBackFix extends AppliedFix {
  readonly because: string;
}

export interface FixResult {
  readonly changed: Texts;
  readonly applied: readonly AppliedFix[];
  /** Fixes that were tried and taken back, because something got worse. */
  readonly takenBack: readonly TakenBackFix[];
  readonly before: Look;
  readonly after: Look;
}

/** With fewer, those beyond would come up where others were mended, and nothing would be better than before. */
export const findingsPerRuleMax = 50_000;
/** A finding can bring up another, and that one a third; a chain of more is a circle. */
const roundsMax = 12;
/** Times that everything is read again, over all rounds: each costs as much as linting. */
const looksMax = 200;

export function runFixes({ look, which, mayChange = () => true }: FixRequest): FixResult {
  const before = look(new Map());
  const applied: AppliedFix[] = [];
  /** Fixes that made something worse, with how many had been made by then. */
  const refused = new Map<string, { readonly told: TakenBackFix; readonly madeBefore: number }>();
  const loses = which === 'safe' ? proofAgainst(before) : () => null;
  let state: { texts: Texts; look: Look } = { texts: new Map(), look: before };
  let looksLeft = looksMax;

  const candidates = () =>
    candidatesOf(state.look, which).filter(({ fix }) => fix.edits.every(({ file }) => mayChange(file)));
  const open = () => candidates().filter(({ key }) => !refused.has(key));

  const attempt = (round: readonly Candidate[]): void => {
    if (round.length === 0 || looksLeft-- <= 0) return;
    const texts = withEdits(state, round);
    const next = texts === null ? null : look(texts);
    const because =
      next === null ? 'its place has moved' : isBetter(next, state.look) ? loses(next) : 'it made something worse';
    if (texts !== null && next !== null && because === null) {
      state = { texts, look: next };
      applied.push(...round.map(({ told }) => told));
    } else if (round.length === 1) {
      refused.set(round[0]!.key, {
        told: { ...round[0]!.told, because: because ?? '' },
        madeBefore: applied.length,
      });
    } else {
      // One of them spoils the others: it is found by halves.
      const half = Math.ceil(round.length / 2);
      const second = new Set(round.slice(half).map(({ key }) => key));
      attempt(round.slice(0, half));
      // The first half may have moved the places of the second.
      attempt(compatible(open().filter(({ key }) => second.has(key))));
    }
  };

  for (let number = 0; number < roundsMax && looksLeft > 0; number++) {
    let round = compatible(open());
    if (round.length === 0) {
      // What was worse then may be none the worse after the others were made.
      for (const [key, { madeBefore }] of refused) if (madeBefore < applied.length) refused.delete(key);
      round = compatible(open());
    }
    if (round.length === 0) break;
    attempt(round);
  }
  const stillThere = new Set(candidates().map(({ key }) => key));
  const takenBack = [...refused].filter(([key]) => stillThere.has(key)).map(([, { told }]) => told);
  return { changed: state.texts, applied, takenBack, before, after: state.look };
}

/** Tells what a backend would get no more; the requests are those of the files as they were. */
function proofAgainst({ model }: Look): (next: Look) => string | null {
  if (model === undefined) return () => null;
  const samples = samplesFor(model);
  const before = passagesOf(model, samples);
  return ({ model: changed }) => {
    if (changed === undefined) return null;
    for (const [index, sample] of samples.entries()) {
      const loss = lossBetween(sample, before[index]!, passageOf(changed, sample.request));
      if (loss !== null) return loss;
    }
    return null;
  };
}

interface Candidate {
  readonly fix: Fix;
  readonly told: AppliedFix;
  /** The same for the same finding after other places have moved. */
  readonly key: string;
}

function candidatesOf({ diagnostics }: Look, which: 'safe' | 'all'): Candidate[] {
  return diagnostics.flatMap(({ code, fix, where, message, scope }) => {
    if (fix === undefined || (which === 'safe' && !fix.safe)) return [];
    const told = { code, title: fix.title, file: where?.file ?? '', line: where?.range?.start.line ?? 0 };
    return [{ fix, told, key: `${code} ${told.file} ${scope ?? ''} ${message}` }];
  });
}

/**
 * Those that can be made together: none changes bytes that another changes or puts in something at the same place. The
 * same insertion asked for twice (a map that both need) is one.
 */
function compatible(candidates: readonly Candidate[]): Candidate[] {
  const taken = new Map<string, Edit[]>();
  return candidates.filter(({ fix }) => {
    const takenIn = (edit: Edit) => taken.get(edit.file) ?? [];
    const fresh = fix.edits.filter((edit) => !takenIn(edit).some((other) => isSame(edit, other)));
    if (fresh.some((edit) => takenIn(edit).some((other) => collide(edit, other)))) return false;
    for (const edit of fresh) {
      const others = taken.get(edit.file);
      if (others === undefined) taken.set(edit.file, [edit]);
      else others.push(edit);
    }
    return true;
  });
}

/** Both for edits of one file. */
function isSame(a: Edit, b: Edit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

function collide(a: Edit, b: Edit): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function withEdits(state: { texts: Texts; look: Look }, round: readonly Candidate[]): Texts | null {
  const byFile = new Map<string, Edit[]>();
  for (const edit of round.flatMap(({ fix }) => fix.edits)) {
    const edits = byFile.get(edit.file) ?? [];
    if (!edits.some((other) => isSame(edit, other))) edits.push(edit);
    byFile.set(edit.file, edits);
  }
  const texts = new Map(state.texts);
  for (const [file, edits] of byFile) {
    const text = state.look.textOf(file);
    if (text === undefined) return null;
    const edited = applyEdits(text, edits);
    if (edited.diagnostics.length > 0) return null;
    texts.set(file, edited.value);
  }
  return texts;
}

/**
 * Better is: no code of an error is found more often, and there are fewer errors, or as many and fewer warnings, and so
 * on.
 */
function isBetter(next: Look, last: Look): boolean {
  const errorsNow = countErrors(next);
  const errorsThen = countErrors(last);
  for (const [code, count] of errorsNow) if (count > (errorsThen.get(code) ?? 0)) return false;
  for (const severity of ['error', 'warning', 'info'] as const) {
    const of = ({ diagnostics }: Look) => diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    if (of(next) !== of(last)) return of(next) < of(last);
  }
  return false;
}

function countErrors({ diagnostics }: Look): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { severity, code } of diagnostics) if (severity === 'error') counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
