import { parseTimeMs } from '../../facts/values.ts';
import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';

export const idleTimeoutDefault: Rule = {
  id: 'ws007-idle-timeout-default',
  severity: 'warning',
  title: 'a quiet WebSocket is cut after nginx’s default of 60 seconds',
  why: 'After the upgrade proxy_read_timeout is the idle timeout of the tunnel: when neither side sends a byte for that long, nginx closes both without a close frame, and the browser sees code 1006.',
  evidence:
    'Seen with nginx 1.22.1 and 1.31.4: an idle tunnel ends after proxy_read_timeout; traffic in either direction keeps it. The log line is at level info, so error.log shows nothing.',
  help: 'set proxy_read_timeout to more than twice the interval of the application’s pings, or confirm with --heartbeat that it pings more often than every 60 s',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
}`,
  good: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
}`,
  *check(context) {
    for (const { location, proxy, because } of context.webSockets) {
      const timeout = context.value(location, 'proxy_read_timeout');
      if (timeout.origin === 'own' || timeout.origin === 'inherited' || !context.complete) continue;
      // With a known heartbeat the question is answered: ws008 speaks when it is too slow.
      if (context.heartbeatMs(location) !== null) continue;
      const seconds = (parseTimeMs(timeout.text ?? '60s') ?? 60_000) / 1000;
      yield {
        at: proxy.statement,
        message: `"${location.label}" sets no proxy_read_timeout, so a connection without traffic for ${seconds} s is cut`,
        severity: because === 'faint' ? 'info' : 'warning',
        about: location,
        // An hour: long enough for people who read, short enough that what a dead peer holds comes back the same day.
        ...valueFix(context, location, { name: 'proxy_read_timeout', args: ['1h'] }),
      };
    }
  },
};
