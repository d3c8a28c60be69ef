import type { Location, Scope, Server } from '../../effective/model.ts';
import { matchPattern } from '../../effective/patterns.ts';
import type { Statement } from '../../syntax/tree.ts';
import type { LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import type { WebSocketLocation } from '../websocket.ts';

export const redirectOnPath: Rule = {
  id: 'ws025-redirect-on-ws-path',
  severity: 'info',
  title: 'a handshake can be answered with a redirect',
  why: 'Browsers and most libraries do not follow redirects of a WebSocket handshake (the fetch standard forbids it): the connection simply fails.',
  evidence: 'Seen with nginx 1.22.1 and the ws library: "Unexpected server response: 301".',
  help: 'leave the WebSocket path out of the redirect, or tell clients to use wss:// and the final path',
  bad: `
rewrite ^(.+)/+$ $1 permanent;
${soundLocation('location /ws/')}
${soundLocation('location = /ws')}`,
  good: `
${soundLocation('location /ws/')}
${soundLocation('location = /ws')}`,
  *check(context) {
    if (!['return', 'rewrite'].some((name) => context.statements(name).some(isRedirect))) return;
    const redirecting = redirectingServers(context);
    for (const webSocket of context.webSockets) {
      const { location } = webSocket;
      for (const at of redirectsIn(location.server, location))
        if (concerns(at, webSocket))
          yield { at, message: `a handshake for "${location.label}" gets a redirect`, about: location };
      for (const name of location.server.names)
        for (const { server, at } of redirecting.get(name) ?? [])
          if (server !== location.server)
            yield { at, message: `a ws:// handshake on ${addressOf(server)} gets a redirect`, about: server };
    }
  },
};

/** Servers that redirect everything, as those on port 80 do, by their names. */
function redirectingServers({ effective }: LintContext): ReadonlyMap<string, { server: Server; at: Statement }[]> {
  const byName = new Map<string, { server: Server; at: Statement }[]>();
  for (const server of effective.servers) {
    const at = server.own.get('return')?.find(isRedirect);
    if (at === undefined) continue;
    for (const name of server.names) if (name !== '') byName.set(name, [...(byName.get(name) ?? []), { server, at }]);
  }
  return byName;
}

/** Redirecting lines of the server, of the location and of what is around it, `if` blocks included. */
function redirectsIn(server: Server, location: Location): Statement[] {
  const scopes: Scope[] = [];
  for (let scope: Scope | null = location; scope !== null && scope !== server; scope = scope.parent) scopes.push(scope);
  const inside = [server, ...scopes].flatMap((scope) => [
    ...(scope.own.get('rewrite') ?? []),
    ...(scope.own.get('return') ?? []),
    ...(scope.own.get('if') ?? []).flatMap(({ children }) => children),
  ]);
  return inside.filter(isRedirect);
}

function isRedirect({ directive: { name, args } }: Statement): boolean {
  if (name === 'return') return /^30[12378]$/.test(args[0] ?? '') || /^https?:/.test(args[0] ?? '');
  if (name !== 'rewrite') return false;
  return /^(?:redirect|permanent)$/.test(args[2] ?? '') || /^(?:https?:\/\/|\$scheme)/.test(args[1] ?? '');
}

/** A rewrite is asked whether it matches the path; a return in the way always counts. */
function concerns({ directive }: Statement, { location, mixed }: WebSocketLocation): boolean {
  if (directive.name === 'return') return true;
  if (location.modifier.startsWith('~') || location.modifier === '@' || (mixed && location.pattern === '/'))
    return false;
  const match = matchPattern(directive.args[0] ?? '', location.pattern, { ignoreCase: false });
  return match.certain && match.groups !== null;
}

function addressOf({ listens }: Server): string {
  const listen = listens[0];
  return listen === undefined ? 'port 80' : `port ${listen.port ?? listen.address}`;
}
