import { parseTimeMs } from '../../facts/values.ts';
import { statementFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';

export const timeoutZero: Rule = {
  id: 'ws010-timeout-zero',
  severity: 'error',
  title: 'a proxy timeout of 0 ends every request at once',
  why: 'Zero does not switch the timeout off: the timer that waits for the backend’s answer fires in the moment it is set.',
  evidence: 'Seen with nginx 1.22.1: proxy_read_timeout 0 answers every handshake with 504 at once.',
  help: 'write a long finite time, such as 1h, and let the application ping more often than that',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 0;
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
    const written = Object.entries(sound).filter(([name]) => context.statements(name).length > 0);
    if (written.length === 0) return;
    for (const location of context.effective.locations) {
      if (location.handler.kind !== 'proxy') continue;
      for (const [name, instead] of written) {
        const { statements } = context.value(location, name);
        for (const at of statements) {
          if (parseTimeMs(at.directive.args[0] ?? '') !== 0) continue;
          yield { at, message: `${name} 0 does not mean "never"`, about: location, ...statementFix(at, [instead]) };
        }
      }
    }
  },
};

/**
 * What to write: an hour without a byte either way is long, and a write that is stuck for nginx’s default of a minute
 * is dead.
 */
const sound = { proxy_read_timeout: '1h', proxy_send_timeout: '60s' } as const;
