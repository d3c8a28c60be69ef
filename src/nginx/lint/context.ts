/** Puts together what rules may ask: the effective configuration, with answers kept. */

import { backendHandshakeHeaders, backendHeaders } from '../effective/headers.ts';
import type {
  BackendHeader,
  Effective,
  EffectiveValue,
  HandshakeHeaders,
  Location,
  RequestKind,
  Scope,
} from '../effective/model.ts';
import { assumptionsOf, resolveLocation } from '../effective/resolve.ts';
import { couldChange, type Unread, unreadFor } from '../effective/unread.ts';
import { unsetIn, valueIn } from '../effective/values.ts';
import type { ConfigFile, Directive, Statement } from '../syntax/tree.ts';
import type { Doubt, LintContext, LintOptions } from './rule.ts';
import { webSocketLocations } from './websocket.ts';

export interface ContextOptions {
  readonly options: LintOptions;
  /** Locations that a comment names as WebSocket ones. */
  readonly marked: ReadonlySet<Directive>;
}

export function createContext(effective: Effective, { options, marked }: ContextOptions): LintContext {
  const { configuration } = effective;
  const values = new Map<string, Map<Scope, EffectiveValue>>();
  const headersOf = new Map<Location, readonly BackendHeader[]>();
  const byName = statementsByName(configuration.statements);
  const scopes = scopesByStatement(effective);
  const shared = sharedFiles(effective);

  const value = (scope: Scope, name: string): EffectiveValue => {
    if (!byName.has(name)) return unsetIn(effective, scope, name) ?? valueIn(effective, scope, name);
    let known = values.get(name);
    if (known === undefined) {
      known = new Map<Scope, EffectiveValue>();
      values.set(name, known);
    }
    const kept = known.get(scope);
    if (kept !== undefined) return kept;
    const found = valueIn(effective, scope, name);
    known.set(scope, found);
    return found;
  };
  const headers = (location: Location): readonly BackendHeader[] => {
    const kept = headersOf.get(location);
    if (kept !== undefined) return kept;
    const found = backendHeaders(effective, location);
    headersOf.set(location, found);
    return found;
  };
  const handshakes = new Map<Location, Map<RequestKind, HandshakeHeaders | null>>();
  const handshake = (location: Location, kind: RequestKind): HandshakeHeaders | null => {
    const known = handshakes.get(location) ?? new Map<RequestKind, HandshakeHeaders | null>();
    handshakes.set(location, known);
    const kept = known.get(kind);
    if (kept !== undefined) return kept;
    const found = backendHandshakeHeaders(effective, location, kind, headers(location));
    known.set(kind, found);
    return found;
  };
  const routes = options.routes ?? [];
  return {
    configuration,
    effective,
    target: effective.target,
    options,
    webSockets: webSocketLocations({ effective, routes, marked, headers }),
    value,
    unread: (scope, name) => unreadFor(effective, scope, name),
    doubt: (scope, name) => doubtOf(couldChange(effective, scope, value(scope, name))),
    headers,
    handshake,
    resolve: (text, kind, scope = effective.http ?? effective.main) =>
      resolveLocation(effective, scope, text, assumptionsOf[kind]),
    heartbeatMs: (location) => {
      const route = routes.find(
        ({ path, heartbeatMs }) => heartbeatMs !== undefined && path.startsWith(location.pattern),
      );
      return route?.heartbeatMs ?? options.heartbeatMs ?? null;
    },
    statements: (name) => byName.get(name) ?? [],
    scopeOf: (statement) => {
      for (let at: Statement | null = statement; at !== null; at = at.parent) {
        const scope = at === statement ? undefined : scopes.get(at);
        if (scope !== undefined) return scope;
      }
      return effective.main;
    },
    isShared: ({ file }) => shared.has(file),
  };
}

function doubtOf(unread: readonly Unread[]): Doubt | null {
  if (unread.length === 0) return {};
  const isLocation = ({ scope }: Unread) => scope.kind === 'location' || scope.kind === 'if';
  // Of a snippet nobody knows what stands beside it where it is included.
  if (unread.some((each) => each.how === 'around' && isLocation(each))) return null;
  const unless = [...new Set(unread.map(({ what }) => what))];
  // What is included in the location itself is likely to be there for just that.
  return unread.some(isLocation) ? { unless, severity: 'info' } : { unless };
}

function statementsByName(statements: readonly Statement[]): ReadonlyMap<string, readonly Statement[]> {
  const found = new Map<string, Statement[]>();
  const visit = (statement: Statement): void => {
    const { name } = statement.directive;
    const known = found.get(name);
    if (known === undefined) found.set(name, [statement]);
    else known.push(statement);
    for (const child of statement.children) visit(child);
  };
  for (const statement of statements) visit(statement);
  return found;
}

function scopesByStatement(effective: Effective): ReadonlyMap<Statement, Scope> {
  const { main, events, http, servers, locations, upstreams } = effective;
  const scopes = [main, events, http, ...servers, ...locations, ...upstreams.values()];
  return new Map(
    scopes.flatMap((scope) =>
      scope === null || scope.statement === null ? [] : [[scope.statement, scope] as [Statement, Scope]],
    ),
  );
}

/** Files that more than one include brings in. */
function sharedFiles({ configuration }: Effective): ReadonlySet<ConfigFile> {
  const seen = new Set<ConfigFile>();
  const shared = new Set<ConfigFile>();
  for (const { directive, files } of configuration.inclusions) {
    for (const file of files) {
      if (seen.has(file)) shared.add(file);
      seen.add(file);
    }
    // What an included file includes is shared when that file is.
    if (shared.has(directive.file)) for (const file of files) shared.add(file);
  }
  return shared;
}
