/** Everything that is found in a configuration: by reading it, by holding it against the facts, and by the rules. */

import type { Diagnostic } from '../../base/diagnostic.ts';
import { effective } from '../effective/effective.ts';
import type { Effective } from '../effective/model.ts';
import { validate } from '../facts/validate.ts';
import type { ReadConfiguration } from '../syntax/configuration.ts';
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
  const outer = [...read.diagnostics, ...validate(read.value, target)];
  return { ...report, effective: model, diagnostics: merged(outer, report.diagnostics, model) };
}

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
  const rank = new Map([...model.configuration.files.keys()].map((path, index) => [path, index]));
  const key = ({ where }: Diagnostic) => rank.get(where?.file ?? '') ?? -1;
  return [...kept, ...inner].toSorted(
    (a, b) => key(a) - key(b) || offset(a) - offset(b) || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0),
  );
}
