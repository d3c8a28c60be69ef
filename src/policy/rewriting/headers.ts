/**
 * What a route does to the headers of a request or of an answer: taken away, set in place of what came, or added to it.
 */
import { canonicalName } from '../../base/header-name.ts';
import type { HeaderRulesSpec } from '../../spec/model.ts';
import type { HeaderTemplate } from '../../spec/value/header-template.ts';
import { fillTemplate, type Variables } from './template.ts';

export interface HeaderRules {
  /** Of names that were written to be removed, or are set, as `nameOf` gives them. */
  readonly gone: ReadonlySet<string>;
  /** A header's name as its reader takes it. */
  readonly nameOf: (name: string) => string;
  readonly written: readonly (readonly [name: string, value: HeaderTemplate])[];
}

/**
 * null when there is nothing to do. A server may read `X_User` as the `X-User` that a route sets for it, so that a
 * client could say it in the route's place: toward servers both are one name.
 */
export function compileHeaders(spec: HeaderRulesSpec, toward: 'server' | 'client'): HeaderRules | null {
  if (spec.set.length + spec.add.length + spec.remove.length === 0) return null;
  const nameOf =
    toward === 'server' ? (name: string) => canonicalName(name.toLowerCase()) : (name: string) => name.toLowerCase();
  return {
    gone: new Set([...spec.remove, ...spec.set.map(([name]) => name)].map(nameOf)),
    nameOf,
    written: [...spec.set, ...spec.add],
  };
}

/** Headers as name, value, name, value …; a header whose value comes out empty is left out. */
export function applyHeaders(rawHeaders: readonly string[], rules: HeaderRules, values: Variables): string[] {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    if (!rules.gone.has(rules.nameOf(rawHeaders[i]!))) headers.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  for (const [name, template] of rules.written) {
    const value = fillTemplate(template, values);
    if (value !== '') headers.push(name, value);
  }
  return headers;
}
