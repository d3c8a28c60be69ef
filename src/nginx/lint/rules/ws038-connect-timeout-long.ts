import { formatDuration } from '../../../base/units.ts';
import { parseTimeMs } from '../../facts/values.ts';
import { statementFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const connectTimeoutLong: Rule = {
  id: 'ws038-connect-timeout-long',
  severity: 'warning',
  title: 'proxy_connect_timeout is long, which no WebSocket needs',
  why: 'It is the time for reaching the backend and has no say once the connection stands. A long one only makes clients wait when a server is gone, and delays the next one.',
  evidence:
    'Seen with nginx 1.22.1: with 7d the kernel gives up after 134.6 s (502); with 5s the answer is 504 after 5 s. Live connections are the same with both.',
  help: 'write 5s, and proxy_read_timeout for the silence that a connection may have',
  bad: `
${soundLocation('location /ws', { more: ['proxy_connect_timeout 7d;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['proxy_connect_timeout 5s;'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const timeout = context.value(location, 'proxy_connect_timeout');
      const at = timeout.statements.at(-1);
      const timeoutMs = parseTimeMs(timeout.text ?? '');
      if (at === undefined || timeoutMs === null || timeoutMs <= defaultMs) continue;
      const { fix } = statementFix(at, ['5s']);
      yield {
        at,
        message: `${formatDuration(timeoutMs)} is the time to reach a server, not the life of a connection`,
        about: location,
        fix: { ...fix, safe: !context.isShared(at.directive) },
      };
    }
  },
};

/** nginx’s default, and about the longest that has an effect: kernels give up after some two minutes. */
const defaultMs = 60_000;
