import { formatDuration } from '../../../base/units.ts';
import { parseTimeMs } from '../../facts/values.ts';
import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';

export const idleTimeoutBelowPing: Rule = {
  id: 'ws008-idle-timeout-below-ping',
  severity: 'error',
  title: 'nginx cuts the connection before the application pings',
  why: 'The tunnel is closed when nothing passes for proxy_read_timeout. When the pings come less often than that, every quiet connection is cut, again and again.',
  evidence:
    'Seen with nginx 1.22.1: an idle tunnel ends at proxy_read_timeout, up to 0.3 s early, because nginx does not move a timer for less than that.',
  help: 'set proxy_read_timeout to more than twice the interval of the pings, so that one that is late does no harm',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 20s;
}`,
  good: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 1m;
}`,
  exampleOptions: { heartbeatMs: 25_000 },
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const heartbeatMs = context.heartbeatMs(location);
      const timeout = context.value(location, 'proxy_read_timeout');
      const doubt = context.doubt(location, 'proxy_read_timeout');
      if (heartbeatMs === null || doubt === null) continue;
      const timeoutMs = parseTimeMs(timeout.text ?? '');
      // Zero has a rule of its own. nginx may be early by its timer’s laziness (NGX_TIMER_LAZY_DELAY).
      if (timeoutMs === null || timeoutMs === 0 || timeoutMs - 300 > heartbeatMs) continue;
      yield {
        at: timeout.statements.at(-1) ?? proxy.statement,
        message: `"${location.label}" is cut after ${formatDuration(timeoutMs)} without traffic, and pings come every ${formatDuration(heartbeatMs)}`,
        about: location,
        ...doubt,
        ...valueFix(context, location, { name: 'proxy_read_timeout', args: [enough(heartbeatMs)] }),
      };
    }
  },
};

/** More than two pings, in whole minutes. */
function enough(heartbeatMs: number): string {
  return formatDuration((Math.floor((2 * heartbeatMs) / 60_000) + 1) * 60_000);
}
