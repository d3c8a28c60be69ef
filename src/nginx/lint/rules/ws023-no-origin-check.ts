import { looksAtOrigin } from '../origin-checks.ts';
import type { Rule } from '../rule.ts';

export const noOriginCheck: Rule = {
  id: 'ws023-no-origin-check',
  severity: 'info',
  optIn: true,
  title: 'nothing in nginx looks at the Origin of a handshake',
  why: 'A page of any site can open a WebSocket to this server with its user’s cookies. Unless the backend refuses foreign origins, that page speaks in the user’s name.',
  evidence: 'RFC 6455, 10.2. CORS headers do not help: browsers do not apply them to WebSockets.',
  help: 'add a map on $http_origin with the origins you serve and "if ($origin_refused) { return 403; }", or make sure that the backend checks',
  exampleIn: 'http',
  bad: `
server {
    listen 80;
    location /ws {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $websocket_connection;
        proxy_read_timeout 10m;
    }
}`,
  good: `
map $http_origin $origin_refused {
    default 1;
    "https://app.example.com" 0;
}
server {
    listen 80;
    location /ws {
        if ($origin_refused) {
            return 403;
        }
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $websocket_connection;
        proxy_read_timeout 10m;
    }
}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      if (looksAtOrigin(context, location)) continue;
      const doubt = context.doubt(location, 'auth_request');
      if (doubt === null) continue;
      yield {
        at: proxy.statement,
        message: `"${location.label}" takes handshakes from pages of any site`,
        about: location,
        ...doubt,
      };
    }
  },
};
