import { headerNamed, headersFix } from '../fixes/headers.ts';
import { connectionVariable } from '../handshake-maps.ts';
import { losesHandshake } from '../lost-headers.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import { sendsUpgrade, type WebSocketLocation } from '../websocket.ts';

export const connectionMissing: Rule = {
  id: 'ws002-connection-missing',
  severity: 'error',
  title: 'Upgrade is passed on, Connection is not',
  why: 'Upgrade counts only when Connection names it (RFC 9110, 7.8). Up to 1.29.6 nginx sends "Connection: close" of its own, later nothing; either way the backend ignores Upgrade.',
  evidence: 'Seen with nginx 1.22.1 and 1.31.4: with Upgrade alone the backend answers 200 instead of 101.',
  help: 'set Connection to a variable that a map makes "upgrade" when the client asks for a WebSocket',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location } = webSocket;
      const headers = context.headers(location);
      const lines = context.value(location, 'proxy_set_header');
      const upgrade = headerNamed(headers, 'upgrade');
      if (!sendsUpgrade(headers) || upgrade?.statement == null || losesHandshake(lines)) continue;
      if (headerNamed(headers, 'connection')?.statement != null) continue;
      yield {
        at: upgrade.statement,
        message: `"${location.label}" passes Upgrade on without Connection`,
        about: location,
        ...fixOf(context, webSocket),
      };
    }
  },
};

function fixOf(context: LintContext, { location }: WebSocketLocation): Pick<Finding, 'fix'> {
  const variable = connectionVariable(context, location);
  if (variable === null) return {};
  const headers = [['Connection', variable.value]] as const;
  return headersFix(context, location, { title: 'pass Connection on', headers, edits: variable.edits }) ?? {};
}
