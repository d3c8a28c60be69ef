import { formatVersion, isSince } from '../../../base/nginx-version.ts';
import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const http10: Rule = {
  id: 'ws005-http10',
  severity: 'warning',
  title: 'the handshake goes to the backend as HTTP/1.0',
  why: 'A WebSocket handshake is a request of HTTP/1.1 or later (RFC 6455, 4.1), and Upgrade means nothing in HTTP/1.0. Up to 1.29.6 nginx speaks 1.0 to backends unless it is told otherwise.',
  evidence:
    'Seen with nginx 1.22.1: the request line says HTTP/1.0. The ws library for Node still answers 101; python’s websockets and other strict backends refuse with an error.',
  help: 'write proxy_http_version 1.1 in this location',
  exampleOptions: { target: [1, 22, 1] },
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const version = context.value(location, 'proxy_http_version');
      const isDefault = version.origin === 'default' || version.origin === 'unset';
      if (isDefault ? isSince(context.target, [1, 29, 7]) : version.text !== '1.0') continue;
      const doubt = context.doubt(location, 'proxy_http_version');
      if (doubt === null) continue;
      yield {
        at: version.statements.at(-1) ?? proxy.statement,
        message: isDefault
          ? `nginx ${formatVersion(context.target)} speaks HTTP/1.0 to ${proxy.target.url}, because "${location.label}" does not set proxy_http_version`
          : `"${location.label}" speaks HTTP/1.0 to ${proxy.target.url}`,
        severity: isDefault ? 'warning' : 'error',
        about: location,
        ...doubt,
        ...valueFix(context, location, { name: 'proxy_http_version', args: ['1.1'] }),
      };
    }
  },
};
