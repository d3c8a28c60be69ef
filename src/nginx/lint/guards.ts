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
  const returns = ({ children }: Statement) => children.some(({ directive }) => directive.name === 'return');
  return (
    conditionsAround(location).some(
      (statement) => returns(statement) && isTrue(model, location, { statement, kind }) === true,
    ) || neverArrives(model, location, kind)
  );
}

/** Of a named location that is entered through `if (…) { return 418; }` and `error_page 418` only: for whom that is. */
function neverArrives(model: Effective, location: Location, kind: RequestKind): boolean {
  const { modifier, reachedBy } = location;
  if (modifier !== '@' || location.kind !== 'location' || reachedBy.length === 0) return false;
  return reachedBy.every((jump) => {
    const codes = jump.statement.directive.args.slice(0, -1).filter((arg) => !arg.startsWith('='));
    if (jump.kind !== 'error_page' || !codes.every((code) => code === ownCode)) return false;
    // The "if" that returns it is a location of its own, with the error pages of the one around it.
    const from = jump.from.kind === 'if' ? (jump.from.parent as Location) : jump.from;
    const doors = conditionsAround(from).filter(({ children }) =>
      children.some(({ directive }) => directive.name === 'return' && directive.args[0] === ownCode),
    );
    const around = from.own.has('return') || doors.length === 0;
    return !around && doors.every((statement) => isTrue(model, from, { statement, kind }) === false);
  });
}

/** The status that people take because nothing else ever answers with it. */
const ownCode = '418';

function isTrue(
  model: Effective,
  location: Location,
  { statement, kind }: { readonly statement: Statement; readonly kind: RequestKind },
): boolean | null {
  const condition = conditionOf(statement.directive);
  if (condition === null) return null;
  const subject = resolveLocation(model, location, condition.subject, assumptionsOf[kind]);
  return subject.known ? holds(condition, subject.value, tryPattern) : null;
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
