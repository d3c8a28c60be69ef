import type { Location, ProxyTarget } from '../../effective/model.ts';
import { headerNamed, headersFix } from '../fixes/headers.ts';
import { hostValue } from '../host-value.ts';
import { lostHeaders } from '../lost-headers.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const hostMissing: Rule = {
  id: 'ws020-host-missing',
  severity: 'warning',
  title: 'the backend gets the upstream’s name as Host',
  why: 'By default Host is $proxy_host, the name in proxy_pass. A backend that compares Origin with Host (as most frameworks do for WebSockets) then sees a foreign origin and refuses; one with virtual hosts serves the wrong one.',
  evidence:
    'Seen with nginx 1.22.1: the backend gets "Host: backend" while Origin says https://app.example.com; a same-origin check answers 403.',
  help: 'add proxy_set_header Host $http_host, or $host behind the ports 80 and 443',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const { location, proxy, because } of context.webSockets) {
      const lines = context.value(location, 'proxy_set_header');
      const host = headerNamed(context.headers(location), 'host');
      const doubt = context.doubt(location, 'proxy_set_header');
      if (host?.statement != null || doubt === null || isElsewhere(location, proxy.target)) continue;
      const sent = context.resolve('$proxy_host', 'websocket', location);
      if (!sent.known || sent.value === '') continue;
      // A Host that an outer block sets and this one loses is ws004's.
      if (lostHeaders(lines, ['host']).length > 0) continue;
      yield {
        at: proxy.statement,
        message: `the backend of "${location.label}" gets "Host: ${sent.value}"`,
        severity: because === 'faint' ? 'info' : 'warning',
        about: location,
        ...doubt,
        ...fixOf(context, location, proxy.target),
      };
    }
  },
};

/** A backend that is asked for by a name of its own may answer to that name only, so there somebody has to look. */
function fixOf(context: LintContext, location: Location, target: ProxyTarget): Pick<Finding, 'fix'> {
  const value = hostValue(location.server);
  const made = headersFix(context, location, { title: 'pass the client’s Host on', headers: [['Host', value]] });
  const host = target.authority.replace(/:\d+$/, '');
  const isNameless = target.upstream !== null || host === 'localhost' || isAddress(host);
  return made === undefined
    ? {}
    : { fix: { ...made.fix, safe: made.fix.safe && isNameless && value === '$http_host' } };
}

/** A backend on the internet under a name of its own wants that name. */
function isElsewhere({ server }: Location, { authority, upstream }: ProxyTarget): boolean {
  if (upstream !== null) return false;
  if (authority.includes('$')) return true;
  const host = authority.replace(/:\d+$/, '');
  // The same machine under the site's own name: with the port of the backend, which no page has in its Origin.
  if (server.names.includes(host) && host !== authority) return false;
  return (
    !isAddress(host) &&
    host.includes('.') &&
    !/\.(?:local|internal|lan|home|localdomain|docker|svc)$|\.svc\./i.test(host)
  );
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.startsWith('[') || host.startsWith('unix:');
}
