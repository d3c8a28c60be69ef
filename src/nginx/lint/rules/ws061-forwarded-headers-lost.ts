import { whereOf } from '../../syntax/place.ts';
import { lostHeaders } from '../lost-headers.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import { listed } from '../words.ts';

export const forwardedHeadersLost: Rule = {
  id: 'ws061-forwarded-headers-lost',
  severity: 'info',
  title: 'the client’s address and scheme are lost beside other headers',
  why: 'proxy_set_header is inherited as a whole or not at all. A location with one line of its own loses the X-Forwarded-For, X-Forwarded-Proto and X-Real-IP that the server sets: the backend sees nginx’s address, and takes the site for http.',
  evidence:
    'Seen with nginx 1.22.1: with one line in the location the backend gets none of the server’s X-Forwarded headers.',
  help: 'repeat them in this location, or put the whole set into a file that each location includes',
  bad: `
location /app/ {
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;

${soundLocation('location /app/ws', { indent: 4 })}
}`,
  good: `
${soundLocation('location /ws', { more: ['proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;', 'proxy_set_header X-Forwarded-Proto $scheme;'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const value = context.value(location, 'proxy_set_header');
      const kept = new Set(value.rows.map(([name = '']) => name.toLowerCase()));
      const lost = lostHeaders(value, forwarded).filter(
        ({ statement }) => !kept.has(statement.directive.args[0]!.toLowerCase()),
      );
      const first = lost[0];
      if (first === undefined) continue;
      const names = [...new Set(lost.map(({ statement }) => statement.directive.args[0]!))];
      yield {
        at: first.to,
        message: `because of this line "${location.label}" does not get ${listed(names)} from ${first.scope.label}`,
        related: lost.map(({ statement }) => ({ message: 'lost', where: whereOf(statement.directive) })),
        about: location,
      };
    }
  },
};

const forwarded = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-real-ip',
  'forwarded',
];
