import type { Edit } from '../../../base/diagnostic.ts';
import type { Location } from '../../effective/model.ts';
import type { ConfigFile, Statement } from '../../syntax/tree.ts';
import { headerNamed, setHeaders } from '../fixes/headers.ts';
import { fixLater } from '../fixes/later.ts';
import { isTurnedAway } from '../guards.ts';
import { handshakeVariables } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { sendsUpgrade } from '../websocket.ts';

export const upgradeAnyProtocol: Rule = {
  id: 'ws037-upgrade-any-protocol',
  severity: 'info',
  title: 'whatever protocol the client asks for is passed on',
  why: 'nginx does not look at what Upgrade says. When the backend agrees to any protocol (h2c, HTTP/2 without TLS, is one that many servers know), what follows is a tunnel that nginx’s access rules, limits and logs do not see into.',
  evidence:
    'Seen with nginx 1.22.1: "Upgrade: h2c" reaches the backend, and after its 101 everything is tunnelled. nginx’s developers call it the configuration’s business (nginx/nginx#1472).',
  help: 'where nothing but WebSockets is meant, set Upgrade and Connection from maps that know only websocket (--fix-all does it); where another protocol is meant (tcp for Docker, SPDY/3.1 for Kubernetes), add it to the maps',
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
        proxy_set_header Upgrade $http_upgrade;
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
    const byFile = new Map<ConfigFile, Open[]>();
    for (const { location } of context.webSockets) {
      const at = lineThatLetsThrough(context, location);
      if (at === null) continue;
      const others = byFile.get(at.directive.file);
      if (others === undefined) byFile.set(at.directive.file, [{ location, at }]);
      else others.push({ location, at });
    }
    for (const [first, ...others] of byFile.values()) {
      const { location, at } = first!;
      const more = others.length === 0 ? '' : ` and ${others.length} more of this file`;
      yield {
        at,
        message: `"Upgrade: h2c" and any other protocol pass through "${location.label}"${more}`,
        about: location,
        ...fixOf(context, [location, ...others.map((other) => other.location)]),
      };
    }
  },
};

interface Open {
  readonly location: Location;
  readonly at: Statement;
}

function lineThatLetsThrough(context: LintContext, location: Location): Statement | null {
  const headers = context.headers(location);
  const sent = context.handshake(location, 'h2c');
  if (!sendsUpgrade(headers) || sent === null || !sent.upgrade.known || !sent.connection.known) return null;
  if (sent.upgrade.value.toLowerCase() !== 'h2c' || !/\bupgrade\b/i.test(sent.connection.value)) return null;
  if (isTurnedAway(context.effective, location, 'h2c')) return null;
  return headerNamed(headers, 'upgrade')?.statement ?? null;
}

/** Protocols that are meant (tcp, SPDY/3.1) would end, so somebody has to want it. */
function fixOf(context: LintContext, locations: readonly Location[]): Pick<Finding, 'fix'> {
  const first = handshakeVariables(context, locations[0]!);
  // Where there is a place for maps, there is one for those of the other locations.
  const possible =
    first !== null &&
    (first.edits.length > 0 || locations.every((location) => handshakeVariables(context, location) !== null));
  if (!possible) return {};
  return { fix: fixLater('let WebSockets through and nothing else', false, () => editsOf(context, locations)) };
}

/** Locations of a file that is included more than once have their lines in common. */
function editsOf(context: LintContext, locations: readonly Location[]): readonly Edit[] {
  const edits = new Map<string, Edit>();
  for (const location of locations) {
    const variables = handshakeVariables(context, location)!;
    const headers = [
      ['Upgrade', variables.upgrade],
      ['Connection', variables.connection],
    ] as const;
    for (const edit of [...variables.edits, ...(setHeaders(context, location, headers) ?? [])])
      edits.set(`${edit.file} ${edit.start} ${edit.end} ${edit.text}`, edit);
  }
  return [...edits.values()];
}
