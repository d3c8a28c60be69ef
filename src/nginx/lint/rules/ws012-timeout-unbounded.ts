import { formatDuration } from '../../../base/units.ts';
import { parseTimeMs } from '../../facts/values.ts';
import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';

export const timeoutUnbounded: Rule = {
  id: 'ws012-timeout-unbounded',
  severity: 'info',
  title: 'a connection whose client has vanished is held for more than a day',
  why: 'A peer that loses its network says nothing. Only the idle timeout, TCP keepalive or pings find out; without them each dead connection keeps two slots and two descriptors of a worker until the timeout.',
  evidence:
    'Seen with nginx 1.22.1 with the peer’s link cut: found after 4 s with so_keepalive=2s:1s:2, at proxy_read_timeout without.',
  help: 'let the application ping and write an hour, or set proxy_socket_keepalive on and so_keepalive on the listen',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 7d;
}`,
  good: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 1h;
}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const timeout = context.value(location, 'proxy_read_timeout');
      const at = timeout.statements.at(-1);
      const timeoutMs = parseTimeMs(timeout.text ?? '');
      if (at === undefined || timeoutMs === null || timeoutMs <= longestMs || isBareMonths(timeout.text!)) continue;
      const keepalive = context.value(location, 'proxy_socket_keepalive').text === 'on';
      const listens = location.server.listens;
      const clientKeepalive =
        listens.length > 0 && listens.every(({ soKeepalive }) => soKeepalive !== null && soKeepalive !== 'off');
      if (context.heartbeatMs(location) !== null || (keepalive && clientKeepalive)) continue;
      const fix = valueFix(context, location, { name: 'proxy_read_timeout', args: ['1h'] })?.fix;
      yield {
        at,
        message: `"${location.label}" holds a connection without traffic for ${formatDuration(timeoutMs)}`,
        about: location,
        // Shorter may cut what relies on the long silence, so somebody has to want it.
        ...(fix !== undefined && { fix: { ...fix, safe: false } }),
      };
    }
  },
};

/** A day: longer than any connection that somebody looks at. */
const longestMs = 86_400_000;

/** What looks like milliseconds has a rule of its own. */
function isBareMonths(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 30 * 86_400;
}
