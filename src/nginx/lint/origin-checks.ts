/** Which conditions decide about a handshake by its Origin. */

import type { Location, Scope } from '../effective/model.ts';
import { variablesIn } from '../facts/variables.ts';
import type { Statement } from '../syntax/tree.ts';
import { conditionsAround } from './guards.ts';
import type { LintContext } from './rule.ts';

/** True when a condition in the location or around it depends on the Origin header, through maps and set as well. */
export function looksAtOrigin(context: LintContext, location: Location): boolean {
  // Whoever is asked for leave can look at the Origin there.
  for (let scope: Scope | null = location; scope !== null; scope = scope.parent)
    if (scope.own.has('auth_request')) return true;
  const seen = new Set<string>();
  const pending = conditionsAround(location).flatMap(({ directive }) => namesIn(directive.args));
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === 'http_origin') return true;
    if (seen.has(name)) continue;
    seen.add(name);
    const map = context.effective.maps.get(`$${name}`);
    if (map !== undefined) pending.push(...namesIn([map.source]));
    for (const { directive } of settersOf(context).get(`$${name}`) ?? [])
      pending.push(...namesIn(directive.args.slice(1)));
  }
  return false;
}

/** Every `set` by its variable, sorted once for all locations. */
const settersByContext = new WeakMap<LintContext, ReadonlyMap<string, readonly Statement[]>>();

function settersOf(context: LintContext): ReadonlyMap<string, readonly Statement[]> {
  const known = settersByContext.get(context);
  if (known !== undefined) return known;
  const made = new Map<string, Statement[]>();
  for (const statement of context.statements('set')) {
    const variable = statement.directive.args[0]?.toLowerCase() ?? '';
    const others = made.get(variable);
    if (others === undefined) made.set(variable, [statement]);
    else others.push(statement);
  }
  settersByContext.set(context, made);
  return made;
}

function namesIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => variablesIn(text).map(({ name }) => name));
}
