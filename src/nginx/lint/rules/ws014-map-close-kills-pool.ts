import type { NginxUpstream, VariableMap } from '../../effective/model.ts';
import { variablesIn } from '../../facts/variables.ts';
import type { Statement } from '../../syntax/tree.ts';
import { replaceWord } from '../fixes/edit.ts';
import { headerNamed } from '../fixes/headers.ts';
import type { LintContext, Rule } from '../rule.ts';

export const mapCloseKillsPool: Rule = {
  id: 'ws014-map-close-kills-pool',
  severity: 'warning',
  title: 'the map’s "close" makes every ordinary request open a connection of its own',
  why: 'For requests that are no WebSocket the map gives "close", so the backend ends the connection after each answer and the upstream’s keepalive has nothing to keep.',
  evidence:
    'Seen with nginx 1.22.1 and 1.31.4, five requests in a row: 4 to 5 new connections with close, 1 with an empty value. Since 1.29.7 every upstream block has a pool by default, and this map switches it off unnoticed; a proxy_pass to an address has none.',
  help: 'give the empty string instead of close: nginx then sends no Connection header at all',
  exampleIn: 'http',
  bad: `
map $http_upgrade $connection_upgrade {
    default upgrade;
    "" close;
}
upstream app {
    server 127.0.0.1:9000;
    keepalive 16;
}
server {
    listen 80;
    location / {
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 10m;
    }
}`,
  good: `
map $http_upgrade $connection_upgrade {
    default upgrade;
    "" "";
}
upstream app {
    server 127.0.0.1:9000;
    keepalive 16;
}
server {
    listen 80;
    location / {
        proxy_pass http://app;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $websocket_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 10m;
    }
}`,
  *check(context) {
    for (const { location, proxy, mixed } of context.webSockets) {
      const { upstream } = proxy.target;
      if (!mixed || upstream === null || upstream.keepalive.connections === 0) continue;
      const connection = headerNamed(context.headers(location), 'connection');
      const map = connection === undefined ? undefined : mapOf(context, connection.value);
      const row = map === undefined ? undefined : closingRow(map);
      if (row === undefined) continue;
      yield {
        at: row,
        message: `ordinary requests through "${location.label}" send "Connection: close", so ${poolOf(upstream)} keeps no connection`,
        about: location,
        fix: { title: 'send no Connection header instead', safe: true, edits: [replaceWord(row.directive, 1, '')] },
      };
    }
  },
};

function mapOf({ effective }: LintContext, text: string): VariableMap | undefined {
  const [use, ...others] = variablesIn(text);
  return use === undefined || others.length > 0 ? undefined : effective.maps.get(`$${use.name}`);
}

/** The line that gives `close` to a request without Upgrade. */
function closingRow({ source, entries, default: otherwise }: VariableMap): Statement | undefined {
  if (!/^\$\{?http_upgrade\}?$/i.test(source)) return undefined;
  const row = entries.find(({ key, regex }) => key === '' && !regex) ?? otherwise;
  return row != null && row.value.toLowerCase() === 'close' ? row.statement : undefined;
}

function poolOf({ name, keepalive }: NginxUpstream): string {
  return keepalive.origin === 'own' ? `"keepalive ${keepalive.connections}" of upstream ${name}` : `upstream ${name}`;
}
