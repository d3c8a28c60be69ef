/** Everything that is found in a configuration: by reading it, by holding it against the facts, and by the rules. */

import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { effective } from '../effective/effective.ts';
import type { Effective } from '../effective/model.ts';
import { validate } from '../facts/validate.ts';
import type { ReadConfiguration } from '../syntax/configuration.ts';
import { unknownLetter } from '../syntax/template/mask.ts';
import type { ConfigFile } from '../syntax/tree.ts';
import { type LintReport, lint } from './lint.ts';
import type { LintOptions } from './rule.ts';

export interface Examination extends LintReport {
  readonly effective: Effective;
}

/** Pure, and never throws. The findings are in the order of the text. */
export function examine(read: ReadConfiguration, options: LintOptions = {}): Examination {
  const target = options.target === undefined ? {} : { target: options.target };
  const model = effective(read.value, target);
  const report = lint(model, options);
  const outer = [...read.diagnostics, ...validate(read.value, target)].filter((one) => !touchesMark(one, model));
  return { ...report, effective: model, diagnostics: merged(outer, report.diagnostics, model).map(withoutUnknown) };
}

/**
 * Examines a configuration along every branch of the templates in it: `read` gives one reading, from 0. What is found
 * along any branch is found; along a branch on which the braces do not match nothing is.
 */
export function examineAll(read: (reading: number) => ReadConfiguration, options: LintOptions = {}): Examination {
  const first = read(0);
  const templates = templatesIn(first);
  if (templates.length === 0) return examine(first, options);
  const readings = Math.max(...templates.map(({ template }) => template!.readings));
  const others = Array.from({ length: readings - 1 }, (_, index) => read(index + 1));
  const all = [first, ...others].filter(isSound).map((each) => examine(each, options));
  const [main, ...more] = all;
  if (main === undefined) return { ...nothingOf(first, options), diagnostics: templates.map(unreadable) };
  const union = new Map([main, ...more].flatMap(({ diagnostics }) => diagnostics.map((one) => [keyOf(one), one])));
  return { ...main, diagnostics: inOrder([...union.values()], main.effective) };
}

function templatesIn({ value }: ReadConfiguration): ConfigFile[] {
  return [...value.files.values()].filter(({ template }) => template !== null);
}

function isSound(read: ReadConfiguration): boolean {
  return templatesIn(read).every(({ template }) => template!.sound);
}

/** The examination of a template that cannot be read: what was looked at, and nothing found. */
function nothingOf(read: ReadConfiguration, options: LintOptions): Examination {
  return { ...examine(read, options), diagnostics: [], suppressed: [] };
}

function unreadable({ path, template }: ConfigFile): Diagnostic {
  const { severity, remedy } = catalogue['nginx-template-unreadable'];
  const message = `${path} is a template (${template!.engines.join(', ')}), and along none of its branches do the braces match`;
  return { code: 'nginx-template-unreadable', severity, message, where: { file: path }, help: remedy };
}

function keyOf({ code, where, message }: Diagnostic): string {
  return `${code} ${where?.file} ${where?.range?.start.offset} ${message}`;
}

/** A word that the engine makes a part of cannot be held against the facts. */
function touchesMark({ code, where }: Diagnostic, { configuration }: Effective): boolean {
  const template = configuration.files.get(where?.file ?? '')?.template;
  if (template == null || where?.range === undefined || code === 'nginx-template') return false;
  const { start, end } = where.range;
  return template.marks.some((mark) => mark.start < end.offset && mark.end > start.offset);
}

/** People see dots for what only the engine knows. */
function withoutUnknown<One extends Diagnostic>(one: One): One {
  return one.message.includes(unknownLetter) ? { ...one, message: one.message.replaceAll(unknownRun, '…') } : one;
}

const unknownRun = new RegExp(`${unknownLetter}+`, 'g');

/** Findings of the reader that a rule makes as well, and mends. */
const saidByRules: Readonly<Record<string, string>> = {
  'nginx-unknown-variable': 'ws015-',
  'nginx-invalid-value': 'ws036-',
};

/** By file, place and code; what a rule says (a variable that is not defined, ws://) is not said twice. */
function merged(outer: readonly Diagnostic[], inner: readonly Diagnostic[], model: Effective): readonly Diagnostic[] {
  const offset = ({ where }: Diagnostic) => where?.range?.start.offset ?? 0;
  const kept = outer.filter((one) => {
    const rule = saidByRules[one.code];
    return (
      rule === undefined ||
      !inner.some(
        ({ code, where }) =>
          code.startsWith(rule) &&
          where?.file === one.where?.file &&
          offset(one) >= (where?.range?.start.offset ?? 0) &&
          offset(one) <= (where?.range?.end.offset ?? 0),
      )
    );
  });
  return inOrder([...kept, ...inner], model);
}

function inOrder(diagnostics: readonly Diagnostic[], model: Effective): readonly Diagnostic[] {
  const offset = ({ where }: Diagnostic) => where?.range?.start.offset ?? 0;
  const rank = new Map([...model.configuration.files.keys()].map((path, index) => [path, index]));
  const key = ({ where }: Diagnostic) => rank.get(where?.file ?? '') ?? -1;
  return diagnostics.toSorted(
    (a, b) => key(a) - key(b) || offset(a) - offset(b) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}
