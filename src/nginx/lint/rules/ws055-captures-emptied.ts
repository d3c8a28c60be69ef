import { conditionOf } from '../../effective/condition.ts';
import type { Location, VariableMap } from '../../effective/model.ts';
import { variablesIn } from '../../facts/variables.ts';
import { whereOf } from '../../syntax/place.ts';
import type { Statement } from '../../syntax/tree.ts';
import { holdsFor } from '../guards.ts';
import type { LintContext, Rule } from '../rule.ts';

export const capturesEmptied: Rule = {
  id: 'ws055-captures-emptied',
  severity: 'error',
  title: '$1 is lost by the time it is used, because another pattern has matched',
  why: '$1 to $9 belong to the last pattern that matched. A map with patterns matches when its variable is used, and so does an “if”, so that a header made of $1 from the location is empty or another part, for just the requests that the pattern is there for.',
  evidence:
    'Seen with nginx 1.22.1: with a map on "~*^websocket$" the header X-Tenant $1 of location ~ ^/user/(\\w+)/ws$ reaches the backend for ordinary requests, and not for handshakes. With “if ($http_origin !~ "^https://(app|www)\\.example\\.com$") { return 403; }” it is app.',
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
      if (taker?.statement == null) continue;
      const capture = /\$\{?[1-9]\}?/.exec(taker.value)![0];
      const map = patternMapIn(context, location);
      const line = map === undefined ? matchingIf(context, location) : undefined;
      if (map !== undefined)
        yield {
          at: taker.statement,
          message: `${taker.name} is empty for what ${map.variable} matches: the map’s pattern takes ${capture} away`,
          related: [{ message: 'the map', where: whereOf(map.statement.directive) }],
          about: location,
        };
      else if (line !== undefined)
        yield {
          at: taker.statement,
          message: `${taker.name} is not made of the path: by then the pattern that this "if" looks at has taken ${capture} away`,
          related: [{ message: 'the if', where: whereOf(line.directive) }],
          about: location,
        };
    }
  },
};

/**
 * An `if` of the location that lets requests through when a pattern has matched: its own, turned round, or one of a
 * map. Whoever is turned away needs no header.
 */
function matchingIf({ effective }: LintContext, location: Location): Statement | undefined {
  return location.own.get('if')?.find((statement) => {
    const condition = conditionOf(statement.directive);
    if (condition === null) return false;
    const { subject, compare } = condition;
    const isGuard = statement.children.some(({ directive }) => directive.name === 'return');
    if (compare?.operator.includes('~') === true) return compare.operator.startsWith('!') === isGuard;
    const map = effective.maps.get(subject);
    return (
      map?.entries.some(({ regex, value }) => regex && (!isGuard || holdsFor(condition, value) === false)) === true
    );
  });
}

/** A map of patterns that a header of the location uses. */
function patternMapIn(context: LintContext, location: Location): VariableMap | undefined {
  const names = context.headers(location).flatMap(({ value }) => variablesIn(value).map(({ name }) => name));
  const maps = names.flatMap((name) => context.effective.maps.get(`$${name}`) ?? []);
  return maps.find(({ entries }) => entries.some(({ regex }) => regex));
}
