/** What a run of the linter has to say, ready for each form of output. */

import type { Severity } from '../../base/diagnostic.ts';
import type { AppliedFix, TakenBackFix } from '../../nginx/lint/fixes/run.ts';
import type { LintDiagnostic, SuppressedFinding } from '../../nginx/lint/lint.ts';

export interface LintOutput {
  readonly version: string;
  /** The working directory: what is below it is told relative to it. */
  readonly directory: string;
  /** The nginx whose defaults were taken, and why that one. */
  readonly target: { readonly version: string; readonly from: 'option' | 'installed' | 'newest' };
  readonly roots: readonly LintedRoot[];
  /** The texts by path, as people see them. */
  readonly sources: ReadonlyMap<string, string>;
  readonly diagnostics: readonly LintDiagnostic[];
  readonly suppressed: readonly SuppressedFinding[];
  /** How many findings a baseline has already. */
  readonly knownBefore: number;
  /** Null when nothing was to be fixed. */
  readonly fixes: FixSummary | null;
}

export interface LintedRoot {
  readonly file: string;
  /** The blocks it was read in, outermost first; empty for a whole configuration. */
  readonly context: readonly string[];
  readonly contextFrom: 'option' | 'comment' | 'guess';
  readonly files: number;
  readonly webSocketLocations: number;
  /** What could not be judged, and what would let it be judged. */
  readonly unjudged: readonly string[];
}

export interface FixSummary {
  readonly applied: readonly AppliedFix[];
  readonly takenBack: readonly TakenBackFix[];
  readonly written: readonly string[];
  /** Files that were put back, because nginx -t did not accept what had become of them. */
  readonly putBack: readonly string[];
  /** What nginx -t had to do with it: `accepted`, its complaint, or why it was not asked. */
  readonly nginx: string;
}

export type Format = 'text' | 'json' | 'sarif' | 'github' | 'markdown';
export const lintFormats: readonly Format[] = ['text', 'json', 'sarif', 'github', 'markdown'];

export const severityRank: Readonly<Record<Severity, number>> = { error: 2, warning: 1, info: 0 };

export function countOf(diagnostics: readonly LintDiagnostic[]): Record<'errors' | 'warnings' | 'infos', number> {
  const of = (severity: Severity) => diagnostics.filter((one) => one.severity === severity).length;
  return { errors: of('error'), warnings: of('warning'), infos: of('info') };
}
