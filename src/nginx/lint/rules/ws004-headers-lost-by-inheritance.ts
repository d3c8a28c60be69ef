import type { Edit } from '../../../base/diagnostic.ts';
import type { EffectiveValue, Location } from '../../effective/model.ts';
import { whereOf } from '../../syntax/place.ts';
import { insertLines } from '../fixes/headers.ts';
import { lostHeaders } from '../lost-headers.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { listed } from '../words.ts';

export const headersLost: Rule = {
  id: 'ws004-headers-lost-by-inheritance',
  severity: 'error',
  title: 'one proxy_set_header of its own loses a location all those it would inherit',
  why: 'proxy_set_header is inherited as a whole or not at all: a block that has one line of its own gets none of the lines around it, so Upgrade and Connection are gone.',
  evidence:
    'Seen with nginx 1.22.1 and 1.31.4: a location with nothing but proxy_set_header Host answers 200 where its server sets Upgrade and Connection.',
  help: 'repeat in this block every line that it shall keep, or put the whole set into a file that each location includes',
  bad: `
location /app/ {
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;

    location /app/ws {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_read_timeout 10m;
    }
}`,
  good: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_read_timeout 10m;
}`,
  *check(context) {
    const webSockets = new Map(context.webSockets.map((webSocket) => [webSocket.location, webSocket]));
    for (const location of context.effective.locations) {
      if (location.handler.kind !== 'proxy' || location.kind !== 'location') continue;
      const value = context.value(location, 'proxy_set_header');
      const upgrade = missing(value, ['upgrade', 'connection']);
      const host = webSockets.has(location) ? missing(value, ['host']) : [];
      const lost = [...upgrade, ...host];
      const first = lost[0];
      if (first === undefined) continue;
      const names = [...new Set(lost.map(({ statement }) => statement.directive.args[0]!))];
      // Where only its name is against it, a location may well be meant to serve ordinary requests.
      const meant = webSockets.has(location) && webSockets.get(location)!.because !== 'faint';
      yield {
        at: first.to,
        message: `because of this line "${location.label}" does not get ${listed(names)} from ${first.scope.label}`,
        severity: upgrade.length > 0 && meant ? 'error' : 'warning',
        related: lost.map(({ statement }) => ({ message: 'lost', where: whereOf(statement.directive) })),
        about: location,
        ...fixOf(context, location, { value, meant: webSockets.has(location) }),
      };
    }
  },
};

/** Lost lines for headers that the location does not set either. */
function missing(value: EffectiveValue, names: readonly string[]): EffectiveValue['lost'] {
  if (value.lost.length === 0) return [];
  const present = new Set(value.rows.map(([name = '']) => name.toLowerCase()));
  return lostHeaders(value, names).filter(({ statement }) => !present.has(statement.directive.args[0]!.toLowerCase()));
}

/**
 * Repeats all lines that were lost and are not set anew. Safe when those are the handshake’s own: of others, nobody
 * knows whether the backend was meant to get them.
 */
function fixOf(
  context: LintContext,
  location: Location,
  { value, meant }: { value: EffectiveValue; meant: boolean },
): Pick<Finding, 'fix'> {
  if (location.statement === null || value.origin !== 'own') return {};
  const present = new Set(value.rows.map(([name = '']) => name.toLowerCase()));
  const nearest = value.lost.at(-1)?.scope;
  const lines = value.lost
    .filter(({ scope, statement }) => scope === nearest && !present.has(statement.directive.args[0]!.toLowerCase()))
    .map(({ statement }) => ['proxy_set_header', ...statement.directive.args]);
  if (lines.length === 0) return {};
  const edits: readonly Edit[] = [insertLines(location, lines)];
  const isHandshake = lines.every(([, name = '']) => /^(?:upgrade|connection|host)$/i.test(name));
  const safe = meant && isHandshake && !context.isShared(location.statement.directive);
  return { fix: { title: 'repeat the lost headers here', safe, edits } };
}
