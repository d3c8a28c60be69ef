import type { Location } from '../../effective/model.ts';
import { variablesIn } from '../../facts/variables.ts';
import { whereOf } from '../../syntax/place.ts';
import { headerNamed, headersFix } from '../fixes/headers.ts';
import { isTurnedAway } from '../guards.ts';
import { handshakeVariables } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { sendsUpgrade } from '../websocket.ts';

export const mapWrong: Rule = {
  id: 'ws016-map-wrong',
  severity: 'error',
  title: 'the maps give the backend something other than a WebSocket handshake',
  why: 'The backend needs "Upgrade: websocket" with "Connection: upgrade". A map that looks at another variable, has its values the wrong way round, or is used for the wrong one of the two headers gives something else.',
  evidence:
    'Seen in the field: "Upgrade: upgrade", from $connection_upgrade written behind both headers; the backend answers 200 or 400.',
  help: 'set Upgrade to what the client sent when that is websocket, and Connection to "upgrade" in the same case',
  exampleIn: 'http',
  bad: `
map $http_upgrade $connection_upgrade {
    default upgrade;
    "" "";
}
server {
    listen 80;
    location /ws {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $connection_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 10m;
    }
}`,
  good: `
map $http_upgrade $connection_upgrade {
    default upgrade;
    "" "";
}
server {
    listen 80;
    location /ws {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 10m;
    }
}`,
  *check(context) {
    for (const { location, mixed } of context.webSockets) {
      if (!sendsUpgrade(context.headers(location))) continue;
      const problem = upgradeProblem(context, location) ?? connectionProblem(context, location, mixed);
      if (problem === null) continue;
      yield { ...problem, about: location, ...fixOf(context, location) };
    }
  },
};

type Problem = Pick<Finding, 'at' | 'message' | 'related' | 'severity'>;

function upgradeProblem(context: LintContext, location: Location): Problem | null {
  const header = headerNamed(context.headers(location), 'upgrade');
  if (header?.statement == null) return null;
  const sent = context.resolve(header.value, 'websocket', location);
  if (!sent.known || sent.value.toLowerCase() === 'websocket') return null;
  const what = sent.value === '' ? 'no Upgrade header' : `"Upgrade: ${sent.value}"`;
  return {
    at: header.statement,
    message: `a WebSocket handshake reaches the backend with ${what}`,
    ...mapOf(context, header.value),
  };
}

function connectionProblem(context: LintContext, location: Location, mixed: boolean): Problem | null {
  const header = headerNamed(context.headers(location), 'connection');
  // Without a variable there is no map to blame; ws003 has the literals.
  if (header?.statement == null || !header.value.includes('$')) return null;
  const sent = context.resolve(header.value, 'websocket', location);
  if (sent.known && !namesUpgrade(sent.value)) {
    const what = sent.value === '' ? 'no Connection header' : `"Connection: ${sent.value}"`;
    return {
      at: header.statement,
      message: `a WebSocket handshake reaches the backend with ${what}`,
      ...mapOf(context, header.value),
    };
  }
  const map = context.effective.maps.get(`$${variablesIn(header.value)[0]?.name}`);
  const plain = context.resolve(header.value, 'plain', location);
  if (map === undefined || !plain.known || !namesUpgrade(plain.value)) return null;
  if (isTurnedAway(context.effective, location, 'plain')) return null;
  const message = `an ordinary request reaches the backend with "Connection: ${plain.value}": the map looks at ${map.source}`;
  // The same as the literal, which ws013 has.
  return { at: header.statement, message, severity: mixed ? 'warning' : 'info', ...mapOf(context, header.value) };
}

function mapOf({ effective }: LintContext, text: string): Pick<Finding, 'related'> {
  const map = effective.maps.get(`$${variablesIn(text)[0]?.name}`);
  return map === undefined ? {} : { related: [{ message: 'the map', where: whereOf(map.statement.directive) }] };
}

function namesUpgrade(value: string): boolean {
  return value
    .toLowerCase()
    .split(/[\s,]+/)
    .includes('upgrade');
}

function fixOf(context: LintContext, location: Location): Pick<Finding, 'fix'> {
  const variables = handshakeVariables(context, location);
  if (variables === null) return {};
  const headers = [
    ['Upgrade', variables.upgrade],
    ['Connection', variables.connection],
  ] as const;
  return headersFix(context, location, { title: 'set both from maps that fit', headers, edits: variables.edits }) ?? {};
}
