import type { Scope } from '../../effective/model.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const headersAboveLocation: Rule = {
  id: 'ws019-headers-above-location',
  severity: 'info',
  title: 'the upgrade is passed on for every location of a server',
  why: 'Set at http or server level, the headers go to every backend there, also to those that know no WebSocket; and the first location that gets a proxy_set_header of its own loses them without a word.',
  evidence: 'Seen with nginx 1.22.1: adding one proxy_set_header to a location turns its 101 into 200.',
  help: 'write the whole set in the location that carries WebSockets, or in a file that such locations include',
  bad: `
proxy_set_header Host $http_host;
proxy_set_header Upgrade $websocket_upgrade;
proxy_set_header Connection $websocket_connection;

location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  *check({ effective }) {
    const scopes: (Scope | null)[] = [effective.http, ...effective.servers];
    for (const scope of scopes) {
      const at = scope?.own
        .get('proxy_set_header')
        ?.find(({ directive: { args } }) => args[0]?.toLowerCase() === 'upgrade' && args[1] !== '');
      if (scope == null || at === undefined) continue;
      yield { at, message: `${scope.label} passes Upgrade on for all of its locations`, about: scope };
    }
  },
};
