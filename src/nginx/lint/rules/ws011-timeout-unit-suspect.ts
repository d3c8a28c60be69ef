import { formatDuration } from '../../../base/units.ts';
import { statementFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';

export const timeoutUnitSuspect: Rule = {
  id: 'ws011-timeout-unit-suspect',
  severity: 'warning',
  title: 'a timeout looks like milliseconds, and nginx reads seconds',
  why: 'A number without a unit is seconds. What was meant as hours in milliseconds becomes years, so nothing dead is ever cleaned up.',
  evidence: 'The manual’s page on measurement units; 43200000, meant as 12 hours, is a year and four months.',
  help: 'write the unit: 12h, 30m, 90s',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 43200000;
}`,
  good: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 12h;
}`,
  *check(context) {
    for (const name of names) {
      for (const at of context.statements(name)) {
        const text = at.directive.args[0] ?? '';
        if (!/^\d{1,15}$/.test(text) || Number(text) < suspectSeconds) continue;
        const meantMs = Number(text);
        const days = Math.floor(Number(text) / 86_400);
        yield {
          at,
          message: `${name} ${text} is ${days} days`,
          about: context.scopeOf(at),
          ...(meantMs % 1000 === 0 && statementFix(at, [formatDuration(meantMs)])),
        };
      }
    }
  },
};

const names = ['proxy_read_timeout', 'proxy_send_timeout', 'proxy_connect_timeout', 'send_timeout'];

/** Thirty days: nobody writes a month in seconds, and 2,592,000 ms are 43 minutes, which somebody may well mean. */
const suspectSeconds = 30 * 86_400;
