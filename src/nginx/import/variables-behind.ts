/** Conditions around a location, and the variables that they come down to. */
import type { Effective, Scope } from '../effective/model.ts';
import { variablesIn } from '../facts/variables.ts';
import type { Statement } from '../syntax/tree.ts';

/** The `if` statements around a location, innermost block first. */
export function ifsAround(scope: Scope): readonly Statement[] {
  const found: Statement[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.parent) found.push(...(at.own.get('if') ?? []));
  return found;
}

/** Variables that texts in a block lead to, through maps and `set`. Without `$`, in lower case. */
export function variablesBehind(model: Effective, scope: Scope, texts: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const pending = namesIn(texts);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const map = model.maps.get(`$${name}`);
    if (map !== undefined) pending.push(...namesIn([map.source]));
    for (const statement of settersOf(scope, name)) {
      pending.push(...namesIn(statement.directive.args.slice(1)));
      // What is set in an `if` depends on its condition as well.
      const around = statement.parent?.directive;
      if (around?.name === 'if') pending.push(...namesIn(around.args));
    }
  }
  return seen;
}

function namesIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => variablesIn(text).map(({ name }) => name));
}

function settersOf(scope: Scope, name: string): readonly Statement[] {
  const found: Statement[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const inIfs = (at.own.get('if') ?? []).flatMap(({ children }) => children);
    for (const statement of [...(at.own.get('set') ?? []), ...inIfs])
      if (statement.directive.name === 'set' && statement.directive.args[0]?.toLowerCase() === `$${name}`)
        found.push(statement);
  }
  return found;
}
