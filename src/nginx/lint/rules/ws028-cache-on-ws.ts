import type { Edit } from '../../../base/diagnostic.ts';
import type { Location } from '../../effective/model.ts';
import { variablesIn } from '../../facts/variables.ts';
import { insertLines } from '../fixes/headers.ts';
import { valueFix } from '../fixes/value.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import type { WebSocketLocation } from '../websocket.ts';

export const cacheOnLocation: Rule = {
  id: 'ws028-cache-on-ws',
  severity: 'warning',
  title: 'handshakes are looked up in the cache',
  why: 'A handshake is a GET like any other: when an answer to the same path is in the cache, the client gets that one and no 101. With proxy_cache_lock, handshakes to one path also wait for each other.',
  evidence:
    'Seen with nginx 1.22.1: after an ordinary GET of the same path was cached, a handshake gets that 200 without reaching the backend.',
  help: 'switch proxy_cache off in the WebSocket’s location, or let requests with an Upgrade header pass by it with proxy_cache_bypass and proxy_no_cache',
  exampleIn: 'http',
  bad: `
proxy_cache_path /var/cache/nginx/app keys_zone=app:10m;
server {
    listen 80;
${soundLocation('location /ws', { more: ['proxy_cache app;', 'proxy_cache_valid 200 10m;'], indent: 4 })}
}`,
  good: `
proxy_cache_path /var/cache/nginx/app keys_zone=app:10m;
server {
    listen 80;
${soundLocation('location /ws', { more: ['proxy_cache off;'], indent: 4 })}
}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location, because } = webSocket;
      const cache = context.value(location, 'proxy_cache');
      const at = cache.statements.at(-1);
      if (at === undefined || cache.text === 'off') continue;
      if (looksAtUpgrade(context, location, 'proxy_cache_bypass') || keyHasUpgrade(context, location)) continue;
      const waits = context.value(location, 'proxy_cache_lock').text === 'on';
      yield {
        at,
        message: `a handshake for "${location.label}" is looked up in the cache "${cache.text}"${waits ? ', and waits for others there' : ''}`,
        severity: because === 'faint' ? 'info' : 'warning',
        about: location,
        ...fixOf(context, webSocket),
      };
    }
  },
};

/** Where ordinary requests come too, they keep their cache, and handshakes go past it. */
function fixOf(context: LintContext, { location, mixed }: WebSocketLocation): Pick<Finding, 'fix'> {
  if (!mixed) return valueFix(context, location, { name: 'proxy_cache', args: ['off'] }) ?? {};
  if (location.kind !== 'location' || location.statement === null) return {};
  const edits = ['proxy_cache_bypass', 'proxy_no_cache'].flatMap((name) => bypass(context, location, name));
  return { fix: { title: 'let handshakes pass by the cache', safe: true, edits } };
}

/** A line of one's own displaces inherited ones, so those are repeated. */
function bypass(context: LintContext, location: Location, name: string): Edit[] {
  if (looksAtUpgrade(context, location, name)) return [];
  const present = context.value(location, name);
  const inherited = present.origin === 'inherited' ? present.rows : [];
  return [insertLines(location, [...inherited.map((row) => [name, ...row]), [name, '$http_upgrade']])];
}

function looksAtUpgrade(context: LintContext, location: Location, name: string): boolean {
  return context.value(location, name).rows.some((row) => row.some((text) => isSetByUpgrade(context, text)));
}

function isSetByUpgrade({ effective }: LintContext, text: string): boolean {
  return variablesIn(text).some(({ name }) => {
    const source = effective.maps.get(`$${name}`)?.source ?? '';
    return [`$${name}`, ...variablesIn(source).map((use) => `$${use.name}`)].some((each) =>
      /^\$(?:http_upgrade|http_connection|connection_upgrade)$/.test(each),
    );
  });
}

function keyHasUpgrade(context: LintContext, location: Location): boolean {
  return isSetByUpgrade(context, context.value(location, 'proxy_cache_key').text ?? '');
}
