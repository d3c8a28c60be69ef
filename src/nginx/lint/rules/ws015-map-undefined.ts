import type { Location } from '../../effective/model.ts';
import { definedVariables, isBuiltin, variablesIn } from '../../facts/variables.ts';
import { definition } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const mapUndefined: Rule = {
  id: 'ws015-map-undefined',
  severity: 'error',
  title: 'the variable for Upgrade or Connection is defined nowhere',
  why: '$connection_upgrade is not a variable of nginx: every guide that uses it has a map at http level, which is easily left behind when a location is copied.',
  evidence: 'Seen with nginx 1.22.1: it does not start, unknown "connection_upgrade" variable.',
  help: 'add the map at http level, outside of every server',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    const defined = definedVariables(context.configuration);
    for (const { location } of context.webSockets) {
      for (const { key: header, value, statement } of context.headers(location)) {
        if (statement === null || (header !== 'upgrade' && header !== 'connection')) continue;
        const unknown = variablesIn(value).find(
          (use) => use.name !== '' && !isBuiltin(use.name) && !defined.has(use.name),
        );
        if (unknown === undefined) continue;
        const sure = isAllRead(context, location);
        yield {
          at: statement,
          message: sure
            ? `no map, set or geo defines $${unknown.name}, so nginx does not start`
            : `$${unknown.name} has to be defined in a file that was not read`,
          severity: sure ? 'error' : 'info',
          about: location,
          ...(context.effective.http !== null && fixOf(context, { variable: `$${unknown.name}`, header, safe: sure })),
        };
      }
    }
  },
};

/** False where a map, a set or a geo could stand that was not read. */
function isAllRead(context: LintContext, location: Location): boolean {
  return ['map', 'geo', 'set'].every((name) => context.unread(location, name).length === 0);
}

interface Missing {
  readonly variable: string;
  readonly header: 'upgrade' | 'connection';
  readonly safe: boolean;
}

function fixOf(context: LintContext, { variable, header, safe }: Missing): Pick<Finding, 'fix'> {
  const edit = definition(context, variable, header);
  // What was not read may define it after all; a second map would then displace the first.
  return edit === null ? {} : { fix: { title: `define ${variable}`, safe, edits: [edit] } };
}
