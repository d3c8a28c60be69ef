import { formatDuration } from '../../../base/units.ts';
import type { Scope } from '../../effective/model.ts';
import { parseTimeMs } from '../../facts/values.ts';
import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const idleTimeoutDefault: Rule = {
  id: 'ws007-idle-timeout-default',
  severity: 'warning',
  title: 'a quiet WebSocket is cut after a minute or less',
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
${soundLocation('location /ws')}`,
  *check(context) {
    const told = new Set<Scope>();
    for (const { location, proxy, because, mixed } of context.webSockets) {
      const timeout = context.value(location, 'proxy_read_timeout');
      const timeoutMs = parseTimeMs(timeout.text ?? '');
      const doubt = context.doubt(location, 'proxy_read_timeout');
      // Zero has a rule of its own, and with a known heartbeat ws008 speaks when it is too slow.
      if (timeoutMs === null || timeoutMs === 0 || timeoutMs > defaultMs || doubt === null) continue;
      if (context.heartbeatMs(location) !== null) continue;
      // An "if" has the timeout of the location around it, and one line there mends both.
      if (location.kind === 'if' && timeout.origin !== 'own' && told.has(location.parent)) continue;
      told.add(location);
      const line = timeout.statements.at(-1);
      const after = `a connection without traffic for ${formatDuration(timeoutMs)} is cut`;
      const fix = valueFix(context, location, { name: 'proxy_read_timeout', args: ['1h'] })?.fix;
      yield {
        at: line ?? proxy.statement,
        message:
          line === undefined
            ? `"${location.label}" sets no proxy_read_timeout, so ${after}`
            : `proxy_read_timeout is ${timeout.text} in "${location.label}", so ${after}`,
        severity: because === 'faint' ? 'info' : 'warning',
        about: location,
        ...doubt,
        ...(mixed && because === 'headers' && { help: apart }),
        // An hour: long enough for people who read, short enough that what a dead peer holds comes back the same day.
        // Where ordinary requests go too, a server that hangs would hold those for as long.
        ...(fix !== undefined && { fix: { ...fix, safe: fix.safe && !(mixed && because === 'headers') } }),
      };
    }
  },
};

/** nginx’s default, which is the longest that a quiet connection need not notice with pings every half minute. */
const defaultMs = 60_000;

const apart =
  'give the WebSocket’s path a location of its own and set proxy_read_timeout 1h there: in this one it is also how long a hung backend holds an ordinary request; or confirm with --heartbeat that the application pings more often than every 60 s';
