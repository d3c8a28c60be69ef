import type { Jump, Location } from '../../effective/model.ts';
import { whereOf } from '../../syntax/place.ts';
import { remove } from '../fixes/edit.ts';
import { insertLines } from '../fixes/headers.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';

export const timeoutLostOnJump: Rule = {
  id: 'ws009-timeout-lost-on-jump',
  severity: 'error',
  title: 'a timeout stands in a location that hands the request on to another',
  why: 'try_files, error_page and rewrite move the request to another location, and only what holds there counts. A timeout written where the request came from never applies.',
  evidence:
    'Seen with nginx 1.22.1: location / with proxy_read_timeout 1h and try_files $uri @app cuts at 60 s, the default in @app.',
  help: 'move the timeout into the location that has the proxy_pass',
  bad: `
location / {
    proxy_read_timeout 1h;
    try_files $uri @app;
}
location @app {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 2m;
}`,
  good: `
location / {
    try_files $uri @app;
}
location @app {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 1h;
}`,
  *check(context) {
    const webSockets = new Map(context.webSockets.map(({ location, proxy }) => [location, proxy]));
    for (const location of context.effective.locations) {
      if (location.handler.kind === 'proxy') continue;
      for (const name of ['proxy_read_timeout', 'proxy_send_timeout']) {
        const at = location.own.get(name)?.at(-1);
        if (at === undefined) continue;
        const jump = endsOf(location).find(({ location: end }) => end !== null && webSockets.has(end));
        const end = jump?.location;
        if (jump === undefined || end == null) continue;
        const there = context.value(end, name);
        if (there.text === at.directive.args.join(' ')) continue;
        yield {
          at,
          message: `this does not apply: "${location.label}" hands the request on to "${end.label}", where ${name} is ${there.text ?? 'not set'}`,
          related: [{ message: 'handed on here', where: whereOf(jump.statement.directive) }],
          about: location,
          ...fixOf(context, { from: location, end, name }),
        };
      }
    }
  },
};

/** Every jump that a request can take from here, one after another, each location once. */
function endsOf(start: Location): Jump[] {
  const seen = new Set<Location>([start]);
  const found: Jump[] = [];
  const pending = [start];
  for (let location = pending.pop(); location !== undefined; location = pending.pop()) {
    for (const jump of location.jumps) {
      if (jump.when === 'subrequest' || jump.location === null || seen.has(jump.location)) continue;
      seen.add(jump.location);
      found.push(jump);
      pending.push(jump.location);
    }
  }
  return found;
}

/** Moves the line when the target has none and nobody else goes there. */
function fixOf(
  context: LintContext,
  { from, end, name }: { from: Location; end: Location; name: string },
): Pick<Finding, 'fix'> {
  const line = from.own.get(name)?.at(-1)?.directive;
  if (line === undefined || end.own.has(name) || end.statement === null || end.kind !== 'location') return {};
  const safe =
    end.pattern.startsWith('@') && end.reachedBy.every((jump) => jump.from === from) && !context.isShared(line);
  const title = `move ${name} to "${end.label}"`;
  return { fix: { title, safe, edits: [remove(line), insertLines(end, [[name, ...line.args]])] } };
}
