/** Runs the rules over an effective configuration: values in, findings out, in one order whatever the rules do. */

import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { lintCodes } from '../../base/catalogue/lint.ts';
import type { Diagnostic, Related, Where } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import type { Effective } from '../effective/model.ts';
import { whereIn, whereOf } from '../syntax/place.ts';
import { unknownLetter } from '../syntax/template/mask.ts';
import type { Directive, Statement } from '../syntax/tree.ts';
import { type Comments, readComments, type Suppression } from './comments.ts';
import { createContext } from './context.ts';
import { fixLater, hasEdits } from './fixes/later.ts';
import type { Finding, LintContext, LintOptions, Rule } from './rule.ts';
import { rules as allRules, ruleNamed } from './rules.ts';
import { unjudged } from './unjudged.ts';
import { listed } from './words.ts';

export type LintCode = Extract<
  keyof typeof lintCodes,
  `lint-comment-${string}` | `lint-suppression-${string}` | 'lint-rule-failed'
>;

/** A finding of a rule (its code is the rule's id) or of the runner. */
export interface LintDiagnostic extends Diagnostic {
  /** The block it is about, for readers who look at locations: `location /ws/`. */
  readonly scope?: string;
}

export interface LintReport {
  readonly diagnostics: readonly LintDiagnostic[];
  /** What comments kept quiet, each with the reason that was given. */
  readonly suppressed: readonly SuppressedFinding[];
  /** How many locations carry WebSockets, as far as can be told. */
  readonly webSocketLocations: number;
  /** What could not be judged, and what would let it be judged. */
  readonly unjudged: readonly string[];
}

export interface SuppressedFinding {
  readonly diagnostic: LintDiagnostic;
  readonly reason: string;
}

/**
 * Findings of one rule that are kept; a generated file of the same fault over and over is told once more often than
 * enough.
 */
const findingsUsual = 500;

/** Never throws. `rules` is for tests; it defaults to all. */
export function lint(
  effective: Effective,
  options: LintOptions = {},
  rules: readonly Rule[] = [...allRules, ...(options.ownRules ?? [])],
): LintReport {
  const comments = readComments(effective.configuration.files.values());
  const context = createContext(effective, { options, marked: comments.marked });
  const found: Found[] = [];
  const failed: LintDiagnostic[] = [];
  for (const rule of rules) {
    const level = options.levels?.get(rule.id);
    if (level === 'off' || (rule.optIn === true && level === undefined && !isAskedFor(rule, options))) continue;
    const seen = new Set<string>();
    for (const finding of findingsOf(rule, context, failed)) {
      if (restsOnUnknown(finding)) continue;
      const { directive } = finding.at;
      // A line that many locations inherit is one line to mend.
      const key = `${directive.file.path}:${directive.start}:${finding.message}`;
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(asFound(rule, finding, context));
      if (seen.size >= (options.findingsPerRuleMax ?? findingsUsual)) break;
    }
  }
  const { kept, suppressed, used } = suppress(found, comments);
  const running = rules.filter(({ id }) => options.levels?.get(id) !== 'off');
  const own = [...failed, ...commentProblems(comments), ...unusedSuppressions(comments, { used, rules: running })];
  return {
    diagnostics: inOrder([...kept.map(({ diagnostic }) => diagnostic), ...own], effective),
    suppressed: suppressed.map(({ diagnostic, reason }) => ({ diagnostic, reason })),
    webSocketLocations: context.webSockets.length,
    unjudged: unjudged(effective),
  };
}

/** A rule of this package that throws is a bug; one of the user’s own is theirs to mend, and the others go on. */
function* findingsOf(rule: Rule, context: LintContext, failed: LintDiagnostic[]): Iterable<Finding> {
  if (context.options.ownRules?.includes(rule) !== true) return yield* rule.check(context);
  try {
    yield* rule.check(context);
  } catch (error) {
    const message = `${rule.id} threw ${error instanceof Error ? error.message : String(error)}`;
    failed.push(own('lint-rule-failed', message, { file: context.configuration.root.path }));
  }
}

interface Found {
  readonly rule: Rule;
  readonly finding: Finding;
  readonly diagnostic: LintDiagnostic;
}

/**
 * The line itself says something that only the template's engine knows. Where a line lacks something, its address is no
 * matter.
 */
function restsOnUnknown({ at: { directive } }: Finding): boolean {
  if (directive.file.template === null || directive.block !== null || directive.name === 'proxy_pass') return false;
  return directive.args.some((arg) => arg.includes(unknownLetter));
}

function asFound(rule: Rule, finding: Finding, context: LintContext): Found {
  const { at, span, severity, help, fix, about, unless = [] } = finding;
  const message = unless.length === 0 ? finding.message : `${finding.message} (unless ${sources(unless)})`;
  const level = context.options.levels?.get(rule.id);
  const meant = level !== undefined && level !== 'off' && level !== 'on' ? level : (severity ?? rule.severity);
  const related = [...(finding.related ?? []), ...(context.isShared(at.directive) ? inclusionsOf(at) : [])];
  const diagnostic: LintDiagnostic = {
    code: rule.id,
    severity: meant === 'error' && unless.length > 0 ? 'warning' : meant,
    message,
    where: span === undefined ? whereOf(at.directive) : whereIn(at.directive.file, span),
    why: rule.why,
    help: help ?? rule.help,
    // What a template becomes with a change in it, nobody can try here.
    ...(fix !== undefined &&
      hasEdits(fix) && {
        fix: fixLater(fix.title, fix.safe && at.directive.file.template === null, () => fix.edits),
      }),
    ...(related.length > 0 && { related }),
    ...(about !== undefined && { scope: about.label }),
  };
  return { rule, finding, diagnostic };
}

/** `http sets it`, `conf.d/a.conf or http sets it`. */
function sources(unless: readonly string[]): string {
  const shown = unless.length > sourcesMax ? [...unless.slice(0, sourcesMax - 1), 'another file'] : unless;
  return `${listed(shown, 'or')} sets it`;
}

const sourcesMax = 3;

/** Of a file that is included more than once, which time is meant. */
function inclusionsOf(statement: Statement): Related[] {
  return statement.through.map((include) => ({ message: 'included here', where: whereOf(include) })).reverse();
}

function isAskedFor(rule: Rule, options: LintOptions): boolean {
  return (options.optIn ?? []).some((name) => ruleNamed(name, [rule]) !== undefined);
}

interface Sorted {
  readonly kept: readonly Found[];
  readonly suppressed: readonly (Found & { readonly reason: string })[];
  readonly used: ReadonlySet<string>;
}

function suppress(found: readonly Found[], comments: Comments): Sorted {
  const kept: Found[] = [];
  const suppressed: (Found & { reason: string })[] = [];
  const used = new Set<string>();
  for (const each of found) {
    const places = [each.finding.at.directive, each.finding.about?.statement?.directive];
    const by = comments.suppressions.find(
      (suppression) =>
        suppression.rules.some((name) => ruleNamed(name, [each.rule]) !== undefined) &&
        places.some((place) => place != null && covers(suppression, place)),
    );
    if (by === undefined) kept.push(each);
    else {
      suppressed.push({ ...each, reason: by.reason });
      for (const name of by.rules) if (ruleNamed(name, [each.rule]) !== undefined) used.add(useKey(by, name));
    }
  }
  return { kept, suppressed, used };
}

function covers({ covers: subject, file }: Suppression, directive: Directive): boolean {
  return (
    subject !== null && file === directive.file && directive.start >= subject.start && directive.start < subject.end
  );
}

function useKey({ file, comment }: Suppression, name: string): string {
  return `${file.path}:${comment.start}:${name}`;
}

function commentProblems({ problems }: Comments): LintDiagnostic[] {
  return problems.map(({ file, comment, message }) => own('lint-comment-invalid', message, whereIn(file, comment)));
}

/**
 * A suppression that nothing needs any more hides the next fault, so it is reported; so is one of a rule that is not
 * there.
 */
function unusedSuppressions(
  { suppressions }: Comments,
  { used, rules }: { used: ReadonlySet<string>; rules: readonly Rule[] },
): LintDiagnostic[] {
  return suppressions.flatMap((suppression) =>
    suppression.rules.flatMap((name) => {
      const where = whereIn(suppression.file, suppression.comment);
      if (ruleNamed(name, allRules) === undefined && ruleNamed(name, rules) === undefined) {
        const near = nearest(
          name,
          allRules.map(({ id }) => id),
        );
        const hint = near === undefined ? '' : `; did you mean "${near}"?`;
        return [own('lint-comment-invalid', `there is no rule "${name}"${hint}`, where)];
      }
      // A rule that does not run finds nothing, which says nothing of the comment.
      if (used.has(useKey(suppression, name)) || ruleNamed(name, rules) === undefined) return [];
      return [own('lint-suppression-unused', `nothing here is found by ${name}`, where)];
    }),
  );
}

function own(code: LintCode, message: string, where: Where): LintDiagnostic {
  const { severity, remedy } = catalogue[code];
  return { code, severity, message, where, help: remedy };
}

/** By file as nginx reads them, then by place, then by rule. */
function inOrder(diagnostics: readonly LintDiagnostic[], { configuration }: Effective): LintDiagnostic[] {
  const rank = new Map([...configuration.files.keys()].map((path, index) => [path, index]));
  const key = ({ where }: LintDiagnostic) => rank.get(where?.file ?? '') ?? 0;
  const offset = ({ where }: LintDiagnostic) => where?.range?.start.offset ?? 0;
  return diagnostics.toSorted(
    (a, b) => key(a) - key(b) || offset(a) - offset(b) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}
