import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const http2Upstream: Rule = {
  id: 'ws006-http2-upstream',
  severity: 'error',
  title: 'the backend is spoken to in HTTP/2, which nginx cannot upgrade',
  why: 'HTTP/2 has no Upgrade; WebSockets over it need extended CONNECT (RFC 8441), which nginx does not speak to backends. Its HTTP/2 proxy code has no way to answer 101.',
  evidence: 'Read in the source of nginx 1.31.4: ngx_http_proxy_v2_module.c knows neither Upgrade nor status 101.',
  help: 'write proxy_http_version 1.1 in this location; the others can stay with HTTP/2',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 2;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  exampleOptions: { target: [1, 31, 4] },
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const version = context.value(location, 'proxy_http_version');
      if (version.text !== '2') continue;
      yield {
        at: version.statements.at(-1) ?? proxy.statement,
        message: `"${location.label}" speaks HTTP/2 to ${proxy.target.url}, so no handshake can succeed`,
        about: location,
        ...valueFix(context, location, { name: 'proxy_http_version', args: ['1.1'] }),
      };
    }
    for (const location of context.effective.locations) {
      if (location.handler.kind !== 'grpc') continue;
      const { statements } = context.value(location, 'grpc_set_header');
      const at = statements.find(({ directive: { args } }) => args[0]?.toLowerCase() === 'upgrade' && args[1] !== '');
      if (at === undefined) continue;
      yield {
        at,
        message: `"${location.label}" passes Upgrade on with grpc_pass, which speaks HTTP/2: no handshake can succeed`,
        help: 'give WebSockets a location of their own, with proxy_pass and proxy_http_version 1.1',
        about: location,
      };
    }
  },
};
