import type { Location, VariableMap } from '../../effective/model.ts';
import { variablesIn } from '../../facts/variables.ts';
import { whereOf } from '../../syntax/place.ts';
import type { LintContext, Rule } from '../rule.ts';

export const capturesEmptied: Rule = {
  id: 'ws055-captures-emptied',
  severity: 'error',
  title: '$1 is empty by the time it is used, because a map has matched a pattern',
  why: '$1 to $9 belong to the last pattern that matched. A map with patterns matches when its variable is used, so that a header or a path made of $1 from the location is empty, for just the requests that the map is there for.',
  evidence:
    'Seen with nginx 1.22.1: with a map on "~*^websocket$" the header X-Tenant $1 of location ~ ^/user/(\\w+)/ws$ reaches the backend for ordinary requests, and not for handshakes.',
  help: 'give the map literal keys (they know no case of letters), or name the capture: (?<tenant>\\w+) and $tenant',
  exampleIn: 'http',
  bad: `
map $http_upgrade $by_pattern {
    default "";
    "~*^websocket$" websocket;
}
server {
    listen 80;
    location ~ ^/user/(\\w+)/ws$ {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $by_pattern;
        proxy_set_header Connection $websocket_connection;
        proxy_read_timeout 10m;
        proxy_set_header X-Tenant $1;
    }
}`,
  good: `
map $http_upgrade $by_key {
    default "";
    websocket websocket;
}
server {
    listen 80;
    location ~ ^/user/(\\w+)/ws$ {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $by_key;
        proxy_set_header Connection $websocket_connection;
        proxy_read_timeout 10m;
        proxy_set_header X-Tenant $1;
    }
}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      if (!location.modifier.startsWith('~') || location.statement === null) continue;
      const taker = context.headers(location).find(({ value }) => /\$\{?[1-9]/.test(value));
      const map = taker === undefined ? undefined : patternMapIn(context, location);
      if (taker?.statement == null || map === undefined) continue;
      yield {
        at: taker.statement,
        message: `${taker.name} is empty for what ${map.variable} matches: the map’s pattern takes ${/\$\{?[1-9]\}?/.exec(taker.value)![0]} away`,
        related: [{ message: 'the map', where: whereOf(map.statement.directive) }],
        about: location,
      };
    }
  },
};

/** A map of patterns that a header of the location uses. */
function patternMapIn(context: LintContext, location: Location): VariableMap | undefined {
  const names = context.headers(location).flatMap(({ value }) => variablesIn(value).map(({ name }) => name));
  const maps = names.flatMap((name) => context.effective.maps.get(`$${name}`) ?? []);
  return maps.find(({ entries }) => entries.some(({ regex }) => regex));
}
