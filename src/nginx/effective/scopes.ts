/** Blocks as scopes: what stands in each, by name. */

import type { Statement } from '../syntax/tree.ts';
import type { Scope, ScopeKind } from './model.ts';

export function createScope(
  kind: ScopeKind,
  statement: Statement | null,
  parent: Scope | null,
  statements: readonly Statement[],
): Scope {
  return { kind, statement, parent, label: labelOf(kind, statement, statements), own: byName(statements) };
}

export function byName(statements: readonly Statement[]): ReadonlyMap<string, readonly Statement[]> {
  const own = new Map<string, Statement[]>();
  for (const statement of statements) {
    const known = own.get(statement.directive.name);
    if (known === undefined) own.set(statement.directive.name, [statement]);
    else known.push(statement);
  }
  return own;
}

/** The last line of that name in the block itself. */
export function ownLast(scope: Scope, name: string): Statement | undefined {
  return scope.own.get(name)?.at(-1);
}

/** The scope itself, then those around it, innermost first. */
export function outward(scope: Scope): Scope[] {
  const scopes: Scope[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.parent) scopes.push(at);
  return scopes;
}

/** For messages: `server app.example.com`, `location /ws`. */
export function labelOf(kind: ScopeKind, statement: Statement | null, inside: readonly Statement[]): string {
  if (kind === 'server') {
    const names = inside
      .filter(({ directive }) => directive.name === 'server_name')
      .flatMap(({ directive }) => directive.args);
    return names[0] === undefined || names[0] === '' ? 'server' : `server ${names[0]}`;
  }
  if (statement === null) return kind;
  return [statement.directive.name, ...statement.directive.args].join(' ');
}
