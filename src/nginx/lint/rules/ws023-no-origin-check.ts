import { looksAtOrigin } from '../origin-checks.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

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
${soundLocation('location /ws', { indent: 4 })}
}`,
  good: `
map $http_origin $origin_refused {
    default 1;
    "https://app.example.com" 0;
}
server {
    listen 80;
${soundLocation('location /ws', { first: ['if ($origin_refused) {', '    return 403;', '}'], indent: 4 })}
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
