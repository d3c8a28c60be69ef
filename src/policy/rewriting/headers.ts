/** What a route does to the headers of a request or of an answer: taken away, set in place of what came, or added to it. */
import type { HeaderRulesSpec } from '../../spec/model.ts';
import type { HeaderTemplate } from '../../spec/value/header-template.ts';
import { fillTemplate, type Variables } from './template.ts';

export interface HeaderRules {
  /** Lower case: names that were written to be removed, or are set. */
  readonly gone: ReadonlySet<string>;
  readonly written: readonly (readonly [name: string, value: HeaderTemplate])[];
}

/** null when there is nothing to do. */
export function compileHeaders(spec: HeaderRulesSpec): HeaderRules | null {
  if (spec.set.length + spec.add.length + spec.remove.length === 0) return null;
  return {
    gone: new Set([...spec.remove, ...spec.set.map(([name]) => name.toLowerCase())]),
    written: [...spec.set, ...spec.add],
  };
}

/** Headers as name, value, name, value …; a header whose value comes out empty is left out. */
export function applyHeaders(rawHeaders: readonly string[], rules: HeaderRules, values: Variables): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (!rules.gone.has(rawHeaders[i]!.toLowerCase())) headers.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  for (const [name, template] of rules.written) {
    const value = fillTemplate(template, values);
    if (value !== '') headers.push(name, value);
  }
  return headers;
}
