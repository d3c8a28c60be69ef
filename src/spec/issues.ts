import type { z } from 'zod';
import type { Code } from '../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { nearest } from '../base/nearest.ts';
import { finding, formatPath, type Locate, type SpecPath } from './finding.ts';
import { inOurWords } from './other-words.ts';
import { quotedText } from './value/safe-text.ts';

type Issue = z.core.$ZodIssue;

/** After a hundred findings of one kind nobody needs the next, and each one costs a search for its place. */
const issuesMax = 100;

/** Turns what zod found into diagnostics: a place, plain words, and the nearest right name. */
export function issuesToDiagnostics(issues: readonly Issue[], written: unknown, locate: Locate): Diagnostic<Code>[] {
  const found = issues.slice(0, issuesMax).flatMap((issue) => describe(issue, [], written, locate));
  // "upstreems" is one slip, not an unknown setting and a missing one.
  const meant = new Set(found.flatMap((diagnostic) => /did you mean (\w+)\?$/.exec(diagnostic.message)?.[1] ?? []));
  return found.filter(
    ({ code, message }) => code !== 'spec-missing-key' || !meant.has(/ has no (\w+),/.exec(message)?.[1] ?? ''),
  );
}

function describe(issue: Issue, base: SpecPath, written: unknown, locate: Locate): Diagnostic<Code>[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === 'invalid_union') return describeUnion(issue, path, written, locate);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(',');
    return issue.keys.slice(0, issuesMax).map((key) => unknownKey(key, known, path, locate));
  }
  const value = valueAt(written, path);
  if (value === undefined) return [missing(path, locate)];
  const name = formatPath(path);
  const where = locate(path, 'value');
  if (value === null)
    return [finding('spec-wrong-type', `${name} has no value; it must be ${expected(issue)}`, { where })];
  if (isTypeFault(issue)) {
    const message = `${name} must be ${expected(issue)}; this is ${kindOf(value)}${quotesHint(issue, value)}`;
    return [finding('spec-wrong-type', message, { where })];
  }
  const code = issue.code === 'custom' ? (issue.params?.code as Code | undefined) : undefined;
  return [finding(code ?? 'spec-bad-value', `${name}: ${issue.message}`, { where })];
}

/** The form that was meant is the one whose type fits; when none does, all of them are named. */
function describeUnion(
  issue: Issue & { code: 'invalid_union' },
  path: SpecPath,
  written: unknown,
  locate: Locate,
): Diagnostic<Code>[] {
  const forms = issue.errors.map((errors) => errors.flatMap((error) => flatten(error)));
  const meant = forms.filter((errors) => !errors.some((error) => error.path.length === 0 && isTypeFault(error)));
  const best = meant.sort((a, b) => a.length - b.length)[0];
  if (best !== undefined) return best.flatMap((error) => describe(error, path, written, locate));
  const value = valueAt(written, path);
  if (value === undefined) return [missing(path, locate)];
  const choices = [
    ...new Set(forms.flatMap((errors) => errors.filter((e) => e.path.length === 0 && isTypeFault(e)).map(expected))),
  ];
  // Words of the list that the value comes near to: "ani" was meant as any.
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  const said =
    value === null ? 'it has no value' : `this is ${typeof value === 'string' ? quotedText(value) : kindOf(value)}`;
  const message = `${formatPath(path)} must be ${joined(choices)}; ${said}${near === undefined ? '' : `, did you mean ${near}?`}`;
  return [finding('spec-wrong-type', message, { where: locate(path, 'value') })];
}

/** A union directly inside a union, as a single entry that may be a list: its forms count as forms of the outer one. */
function flatten(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.path.length > 0) return [issue];
  const forms = issue.errors.map((errors) => errors.flatMap(flatten));
  const meant = forms.filter((errors) => !errors.some((error) => error.path.length === 0 && isTypeFault(error)));
  return meant.sort((a, b) => a.length - b.length)[0] ?? forms.flat().filter((error) => error.path.length === 0);
}

function unknownKey(key: string, known: readonly string[], path: SpecPath, locate: Locate): Diagnostic<Code> {
  const where = locate([...path, key], 'key');
  const place = path.length === 0 ? 'at the top of the spec' : `in ${formatPath(path)}`;
  const meant = nearest(key, known);
  const elsewhere = meant === undefined ? inOurWords(key) : undefined;
  const hint = meant !== undefined ? `; did you mean ${meant}?` : elsewhere !== undefined ? `; ${elsewhere}` : '';
  return finding('spec-unknown-key', `there is no setting ${quotedText(key)} ${place}${hint}`, {
    where,
    help: `the settings here are ${known.join(', ')}`,
  });
}

function missing(path: SpecPath, locate: Locate): Diagnostic<Code> {
  const parent = path.slice(0, -1);
  return finding(
    'spec-missing-key',
    `${formatPath(parent)} has no ${String(path.at(-1))}, and there is no default for it`,
    {
      where: locate(parent, 'value'),
    },
  );
}

function isTypeFault(issue: Issue): boolean {
  return issue.code === 'invalid_type' || (issue.code === 'custom' && issue.params?.wrongType === true);
}

/** YAML takes 1234 for a number and true for a switch; in quotes they are the text that was meant. */
function quotesHint(issue: Issue, value: unknown): string {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  return isPlain && issue.code === 'custom' && issue.params?.takesText === true ? ', so put it in quotes' : '';
}

function expected(issue: Issue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  return (
    { array: 'a list', object: 'a block of settings', record: 'a block of settings' }[issue.expected as string] ??
    issue.expected
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a block of settings';
  if (typeof value === 'string') return `the text ${quotedText(value)}`;
  return String(value);
}

function joined(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

/** undefined when the path leads nowhere. */
function valueAt(written: unknown, path: SpecPath): unknown {
  let value = written;
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}
