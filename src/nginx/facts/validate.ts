/** Holds a configuration against the facts: what nginx -t would refuse, and everything of it, not only the first. */

import type { Diagnostic } from '../../base/diagnostic.ts';
import { nearest } from '../../base/nearest.ts';
import { compareVersions, formatVersion, isSince, type NginxVersion, versionNewest } from '../../base/nginx-version.ts';
import { readable } from '../syntax/bytes.ts';
import { type SyntaxLimits, syntaxLimits } from '../syntax/limits.ts';
import { whereIn, whereOf } from '../syntax/place.ts';
import { createReport, type NginxCode, type Report } from '../syntax/report.ts';
import { unknownLetter } from '../syntax/template/mask.ts';
import type { Configuration, Statement } from '../syntax/tree.ts';
import { argumentProblem } from './arguments.ts';
import { contextAtTop, contextInside } from './contexts.ts';
import { directiveNames, existsIn, factsIn, factsOf } from './directives.ts';
import type { Context, DirectiveFacts } from './facts.ts';
import { checkStructure } from './structure.ts';
import { valueProblem } from './values.ts';
import { expandsVariables } from './variable-arguments.ts';
import { definedVariables, isBuiltin, variableSince, variablesIn } from './variables.ts';

export interface ValidateOptions {
  /** Default: the newest version in the tables. */
  readonly target?: NginxVersion;
  readonly limits?: Pick<SyntaxLimits, 'diagnosticsMax'>;
}

/** Findings beyond those of reading. With no error among both, nginx of the target version would accept the files. */
export function validate(
  configuration: Configuration,
  options: ValidateOptions = {},
): readonly Diagnostic<NginxCode>[] {
  const report = createReport(options.limits?.diagnosticsMax ?? syntaxLimits.diagnosticsMax);
  const run: Run = {
    report,
    target: options.target ?? versionNewest,
    defined: isComplete(configuration) ? definedVariables(configuration) : null,
    guesses: new Map(),
    foreignModules: hasForeignModules(configuration),
    statements: configuration.statements,
    commercial: null,
  };
  const pending: Block[] = [{ statements: configuration.statements, context: contextAtTop(configuration) }];
  // The first line of each name in one block; blocks are looked at one after the other.
  const first = new Map<string, Statement>();
  for (let block = pending.pop(); block !== undefined && !report.full(); block = pending.pop()) {
    const { context } = block;
    if (context === null) continue;
    first.clear();
    const inner: Block[] = [];
    for (const statement of block.statements) {
      const facts = checkOne(run, statement, context, first);
      if (statement.children.length > 0 && facts !== null && !facts.dataBlock)
        inner.push({ statements: statement.children, context: contextInside(statement.directive.name, context) });
    }
    for (const each of inner.reverse()) pending.push(each);
  }
  tellBeyondTables(run, configuration);
  checkStructure(configuration, { report, target: run.target, complete: isComplete(configuration) });
  return report.diagnostics;
}

function tellBeyondTables({ target, report }: Run, { root }: Configuration): void {
  if (compareVersions(target, versionNewest) <= 0) return;
  const message = `the tables end at nginx ${formatVersion(versionNewest)}: what came later, up to ${formatVersion(target)}, is not known here`;
  report.add('nginx-target-beyond-tables', { message, where: whereIn(root, { start: 0, end: 0 }) });
}

/** True when nothing is known to be missing: a root file that stands alone, and every include was read. */
export function isComplete({ context, gaps, root, files }: Configuration): boolean {
  // What a template's engine prints can be anything, definitions of variables included.
  for (const file of files.values()) if (file.template !== null) return false;
  return context.length === 0 && gaps.length === 0 && files.has(root.path) && root.readUpTo === root.text.length;
}

interface Block {
  readonly statements: readonly Statement[];
  readonly context: Context | null;
}

interface Run {
  readonly report: Report;
  readonly target: NginxVersion;
  /** Null when a variable may be defined in a file that is not there. */
  readonly defined: ReadonlySet<string> | null;
  readonly guesses: Map<string, string | undefined>;
  /** A module is loaded whose directives are not in the tables. */
  readonly foreignModules: boolean;
  readonly statements: readonly Statement[];
  /** The configuration is one for NGINX Plus; null until somebody asks. */
  commercial: boolean | null;
}

/** The facts that count here; null when the block's inside cannot be judged. */
function checkOne(
  run: Run,
  statement: Statement,
  context: Context,
  first: Map<string, Statement>,
): DirectiveFacts | null {
  const { directive } = statement;
  if (directive.name === '' || directive.name.includes(unknownLetter)) return null;
  const facts = factsIn(directive.name, context, run.target);
  if (facts === undefined) {
    tellWhyNot(run, statement, context);
    return null;
  }
  if (facts.thirdParty && isCommercial(facts)) tellCommercial(run, statement, facts);
  const { args, block, name } = directive;
  // Worked out for those at fault only.
  const where = () => whereOf(directive);
  const { add } = run.report;
  if (facts.block && block === null && directive.terminated)
    add('nginx-block-expected', { message: `directive "${name}" has no opening "{"`, where: where() });
  if (!facts.block && block !== null)
    add('nginx-block-unexpected', { message: `directive "${name}" is not terminated by ";"`, where: where() });
  const templated = args.some((arg) => arg.includes(unknownLetter));
  if (args.length < facts.countMin || args.length > facts.countMax || !fits(facts, args.length)) {
    if (!templated) add('nginx-argument-count', { message: countMessage(facts, args.length), where: where() });
    return facts;
  }
  if (!directive.file.template) checkRepetition(run, statement, facts, first);
  checkValues(run, statement, facts, context);
  if (facts.obsoleteSince !== null && isSince(run.target, facts.obsoleteSince)) {
    const instead = facts.insteadUse === null ? '' : `; use ${facts.insteadUse}`;
    const message = `"${name}" is obsolete since nginx ${formatVersion(facts.obsoleteSince)}${instead}`;
    add('nginx-obsolete-directive', { message, where: where() });
  }
  return facts;
}

/** The free edition got it later than the commercial one: before that, whoever does not pay is refused. */
function tellCommercial(run: Run, { directive }: Statement, facts: DirectiveFacts): void {
  run.commercial ??= needsCommercial(run.statements);
  if (run.commercial) return;
  const free = factsOf(directive.name).find(
    (other) => !other.thirdParty && other.contexts.some((context) => facts.contexts.includes(context)),
  );
  if (free?.since == null) return;
  const message = `${notInTarget(directive.name, [free], run.target)}; before that, only NGINX Plus has it`;
  run.report.add('nginx-directive-not-in-target', { message, where: whereOf(directive) });
}

function isCommercial({ module }: DirectiveFacts): boolean {
  return module.endsWith('_plus');
}

/** True when something stands there that no free nginx ever had. */
function needsCommercial(statements: readonly Statement[]): boolean {
  return statements.some(({ directive, children }) => {
    const rows = factsOf(directive.name);
    return (rows.length > 0 && rows.every(isCommercial)) || needsCommercial(children);
  });
}

function fits(facts: DirectiveFacts, count: number): boolean {
  return facts.countMax === Number.POSITIVE_INFINITY || facts.counts.includes(count);
}

function countMessage(facts: DirectiveFacts, count: number): string {
  const { counts, countMin, countMax, name } = facts;
  const wanted =
    countMax === Number.POSITIVE_INFINITY
      ? `at least ${countMin}`
      : counts.length > 1
        ? `${counts.slice(0, -1).join(', ')} or ${counts.at(-1)}`
        : countMax === 0
          ? 'none'
          : String(countMax);
  return `invalid number of arguments in "${name}" directive: it takes ${wanted}, here are ${count}`;
}

/** No row counts here: the name is unknown, not of this version, or not for this block. */
function tellWhyNot(run: Run, { directive }: Statement, context: Context): void {
  const { name } = directive;
  const where = whereOf(directive);
  const rows = factsOf(name);
  const inTarget = rows.filter((facts) => existsIn(facts, run.target));
  if (rows.length === 0) {
    const guess = run.guesses.has(name) ? run.guesses.get(name) : nearest(name.slice(0, 100), directiveNames());
    run.guesses.set(name, guess);
    const message = `unknown directive "${readable(name)}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`;
    // A module that is loaded and not known here may bring it.
    const severity = run.foreignModules && guess === undefined ? 'warning' : 'error';
    run.report.add('nginx-unknown-directive', { message, where, severity });
  } else if (
    inTarget.length === 0 ||
    rows.some((facts) => facts.contexts.includes(context) && !inTarget.includes(facts))
  ) {
    const here = rows.filter((facts) => facts.contexts.includes(context));
    const told = here.length > 0 ? here : rows;
    const carried = told.some(
      ({ backportedSince }) => backportedSince !== null && isSince(run.target, backportedSince),
    );
    const message = notInTarget(name, told, run.target);
    // Debian and others carry it back under the old number.
    if (carried)
      run.report.add('nginx-directive-not-in-target', {
        message: `${message}; some distributions carry it back`,
        where,
        severity: 'warning',
      });
    else run.report.add('nginx-directive-not-in-target', { message, where });
  } else {
    const allowed = [...new Set(inTarget.flatMap((facts) => facts.contexts))].map(contextName);
    const message = `"${name}" directive is not allowed here`;
    const help = `it may stand in ${allowed.join(', ')}; here it stands in ${contextName(context)}`;
    run.report.add('nginx-directive-misplaced', { message, where, help });
  }
}

function notInTarget(name: string, rows: readonly DirectiveFacts[], target: NginxVersion): string {
  const [{ since, until }] = rows as [DirectiveFacts];
  const because =
    until !== null && isSince(target, until)
      ? `it was removed in nginx ${formatVersion(until)}`
      : `it came with nginx ${formatVersion(since ?? target)}`;
  return `unknown directive "${name}" in nginx ${formatVersion(target)}: ${because}`;
}

export function contextName(context: Context): string {
  const [first, second] = context.split(':') as [string, string?];
  if (second === undefined) return first;
  return first === 'if' ? `if in ${second}` : `${second} in ${first}`;
}

/** These may repeat, but `off` wants to be alone. */
const aloneWhenOff = new Set([
  'proxy_redirect',
  'proxy_cookie_domain',
  'proxy_cookie_path',
  'proxy_cookie_flags',
  'mirror',
  'http2_push',
]);

function checkRepetition(run: Run, statement: Statement, facts: DirectiveFacts, first: Map<string, Statement>): void {
  const { name, args } = statement.directive;
  // In one block a name is one directive of one module.
  const earlier = first.get(name);
  if (earlier === undefined) {
    first.set(name, statement);
    return;
  }
  const isOff = (list: readonly string[]) => list.length === 1 && list[0] === 'off';
  const clash = aloneWhenOff.has(name) && (isOff(args) || isOff(earlier.directive.args));
  if (facts.repetition !== 'error' && !clash) return;
  run.report.add('nginx-duplicate-directive', {
    message: `"${name}" directive is duplicate`,
    where: whereOf(statement.directive),
    related: [{ message: 'the first one', where: whereOf(earlier.directive) }],
  });
}

function checkValues(run: Run, statement: Statement, facts: DirectiveFacts, context: Context): void {
  const { directive } = statement;
  const { args, name, file, words } = directive;
  const whereArg = (index: number) => whereIn(file, words[index + 1] ?? words[0]!);
  const problem = valueProblem(facts, args, run.target);
  if (problem !== null) {
    const message = `"${name}" directive invalid value "${readable(args.join(' '))}": ${problem}`;
    run.report.add('nginx-invalid-value', { message, where: whereArg(0) });
    return;
  }
  const wrong = argumentProblem(facts.module, { statement, context, target: run.target });
  if (wrong !== null) {
    const message = wrong.message.includes(`"${name}"`) ? wrong.message : `${wrong.message} in "${name}" directive`;
    run.report.add('nginx-invalid-value', { message, where: whereArg(wrong.index) });
    return;
  }
  args.forEach((arg, index) => {
    if (!arg.includes('$') || !expandsVariables(name, index, args)) return;
    for (const { name: variable } of variablesIn(arg)) {
      if (variable === '') {
        const message = `invalid variable name in "${readable(arg)}": a "$" must begin the name of a variable`;
        run.report.add('nginx-invalid-value', { message, where: whereArg(index) });
      } else if (run.defined !== null && !run.defined.has(variable) && !isBuiltin(variable)) {
        const guess = nearest(variable, run.defined);
        const message = `unknown "${variable}" variable${guess === undefined ? '' : `; did you mean "$${guess}"?`}`;
        const severity = run.foreignModules ? 'warning' : 'error';
        run.report.add('nginx-unknown-variable', { message, where: whereArg(index), severity });
      } else if (run.defined !== null && !run.defined.has(variable) && !isSince(run.target, variableSince(variable))) {
        const since = formatVersion(variableSince(variable)!);
        const message = `unknown "${variable}" variable in nginx ${formatVersion(run.target)}: it came with nginx ${since}`;
        run.report.add('nginx-unknown-variable', { message, where: whereArg(index) });
      }
    }
  });
}

function hasForeignModules(configuration: Configuration): boolean {
  return configuration.statements.some(({ directive }) => {
    if (directive.name !== 'load_module') return false;
    const file = directive.args[0]?.split('/').at(-1) ?? '';
    return !knownModuleFiles.test(file);
  });
}

const knownModuleFiles =
  /^(?:ndk_http|ngx_(?:mail|stream|nchan|http_(?:auth_pam|brotli_(?:filter|static)|cache_purge|dav_ext|echo|fancyindex|geoip2?|headers_more_filter|image_filter|js|lua|modsecurity|perl|subs_filter|uploadprogress|upstream_fair|vhost_traffic_status|xslt_filter)|stream_(?:geoip2?|js|lua)))_module\.so$/;
