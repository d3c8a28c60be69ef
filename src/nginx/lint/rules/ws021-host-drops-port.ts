import { replaceWord } from '../fixes/edit.ts';
import { headerNamed } from '../fixes/headers.ts';
import { hostValue } from '../host-value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const hostDropsPort: Rule = {
  id: 'ws021-host-drops-port',
  severity: 'info',
  title: '$host loses the port that the browser’s Origin has',
  why: '$host has no port. On a port other than 80 and 443 the browser says "Origin: https://app.example.com:8443", the backend gets "Host: app.example.com", and a same-origin check finds them different.',
  evidence: 'Seen with nginx 1.22.1 on port 8443: Host arrives without the port, Origin with it.',
  help: 'write $http_host, which is what the client sent, port and all',
  bad: `
listen 8443;
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
}`,
  good: `
listen 8443;
${soundLocation('location /ws')}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const host = headerNamed(context.headers(location), 'host');
      const listen = location.server.listens.find(({ port }) => port !== null && port !== 80 && port !== 443);
      if (host?.statement == null || listen === undefined || !/^\$\{?host\}?$/.test(host.value)) continue;
      const value = hostValue(location.server);
      yield {
        at: host.statement,
        message: `"${location.label}" is served on port ${listen.port}, and $host does not say so`,
        about: location,
        fix: {
          title: 'pass the client’s Host on as it is',
          // Ports that are told apart behind HTTP/3 are those of this machine, which may not be those that clients see.
          safe: value === '$http_host' && !context.isShared(host.statement.directive),
          edits: [replaceWord(host.statement.directive, 2, value)],
        },
      };
    }
  },
};
