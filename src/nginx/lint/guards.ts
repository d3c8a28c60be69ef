/** Conditions that turn a request away before it is proxied: `if ($http_upgrade !~* "^websocket$") { return 426; }`. */

import { type Condition, conditionOf, holds } from '../effective/condition.ts';
import type { Effective, Location, RequestKind, Scope } from '../effective/model.ts';
import { matchPattern } from '../effective/patterns.ts';
import { assumptionsOf, resolveLocation } from '../effective/resolve.ts';
import type { Statement } from '../syntax/tree.ts';

/** The `if` statements that run for a request of the location: its own and those of the blocks around it. */
export function conditionsAround(location: Location): readonly Statement[] {
  const found: Statement[] = [];
  for (let scope: Scope | null = location; scope !== null; scope = scope.parent)
    found.push(...(scope.own.get('if') ?? []));
  return found;
}

/** True when every request of this kind is answered by a condition and never reaches the backend. */
export function isTurnedAway(model: Effective, location: Location, kind: RequestKind): boolean {
  return conditionsAround(location).some((statement) => {
    if (!statement.children.some(({ directive }) => directive.name === 'return')) return false;
    const condition = conditionOf(statement.directive);
    if (condition === null) return false;
    const subject = resolveLocation(model, location, condition.subject, assumptionsOf[kind]);
    return subject.known && holds(condition, subject.value, tryPattern) === true;
  });
}

/** True when the block of an `if` answers with an error. */
export function refuses({ children }: Statement): boolean {
  return children.some(({ directive }) => directive.name === 'return' && /^[45]\d\d$/.test(directive.args[0] ?? ''));
}

/** True when the condition holds for a value, false when it does not, null when that cannot be told. */
export function holdsFor(condition: Condition, value: string): boolean | null {
  return holds(condition, value, tryPattern);
}

function tryPattern(pattern: string, text: string, options: { ignoreCase: boolean }): boolean | null {
  const outcome = matchPattern(pattern, text, options);
  return outcome.certain ? outcome.groups !== null : null;
}
