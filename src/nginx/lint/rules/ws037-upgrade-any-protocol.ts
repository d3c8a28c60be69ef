import { headerNamed, headersFix } from '../fixes/headers.ts';
import { handshakeVariables } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { sendsUpgrade, type WebSocketLocation } from '../websocket.ts';

export const upgradeAnyProtocol: Rule = {
  id: 'ws037-upgrade-any-protocol',
  severity: 'warning',
  title: 'whatever protocol the client asks for is passed on',
  why: 'nginx does not look at what Upgrade says. When the backend agrees to any protocol (h2c, HTTP/2 without TLS, is one that many servers know), what follows is a tunnel that nginx’s access rules, limits and logs do not see into.',
  evidence:
    'Seen with nginx 1.22.1: "Upgrade: h2c" reaches the backend, and after its 101 everything is tunnelled. nginx’s developers call it the configuration’s business (nginx/nginx#1472).',
  help: 'set Upgrade and Connection from maps that know only websocket; where another protocol is meant (tcp for Docker, SPDY/3.1 for Kubernetes), add it to the maps',
  exampleIn: 'http',
  bad: `
map $http_upgrade $connection_upgrade {
    default upgrade;
    "" "";
}
server {
    listen 80;
    location /ws {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 10m;
    }
}`,
  good: `
map $http_upgrade $connection_upgrade {
    default upgrade;
    "" "";
}
server {
    listen 80;
    location /ws {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 10m;
    }
}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location, because } = webSocket;
      const headers = context.headers(location);
      const sent = context.handshake(location, 'h2c');
      if (!sendsUpgrade(headers) || sent === null || !sent.upgrade.known || !sent.connection.known) continue;
      if (sent.upgrade.value.toLowerCase() !== 'h2c' || !/\bupgrade\b/i.test(sent.connection.value)) continue;
      const at = headerNamed(headers, 'upgrade')?.statement;
      if (at == null) continue;
      yield {
        at,
        message: `"Upgrade: h2c" and any other protocol pass through "${location.label}"`,
        severity: because === 'faint' ? 'info' : 'warning',
        about: location,
        ...fixOf(context, webSocket),
      };
    }
  },
};

function fixOf(context: LintContext, { location }: WebSocketLocation): Pick<Finding, 'fix'> {
  const variables = handshakeVariables(context);
  if (variables === null) return {};
  const headers = [
    ['Upgrade', variables.upgrade],
    ['Connection', variables.connection],
  ] as const;
  return (
    headersFix(context, location, {
      title: 'let WebSockets through and nothing else',
      headers,
      edits: variables.edits,
    }) ?? {}
  );
}
