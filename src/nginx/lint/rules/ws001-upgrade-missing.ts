import { headerNamed, headersFix } from '../fixes/headers.ts';
import { handshakeVariables } from '../handshake-maps.ts';
import { losesHandshake } from '../lost-headers.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import { sendsUpgrade, type WebSocketLocation } from '../websocket.ts';

export const upgradeMissing: Rule = {
  id: 'ws001-upgrade-missing',
  severity: 'warning',
  title: 'a WebSocket location does not pass Upgrade on',
  why: 'Upgrade and Connection concern one hop only, so nginx does not pass them on by itself: without both headers the backend sees an ordinary GET and answers it as one.',
  evidence:
    'Seen with nginx 1.22.1 and 1.31.4: the handshake is answered with the backend’s 200 instead of 101. The newer default of HTTP/1.1 changes nothing about it.',
  help: 'add proxy_set_header lines for Upgrade and Connection to this location, repeating those it inherits',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location, proxy } = webSocket;
      const headers = context.headers(location);
      const lines = context.value(location, 'proxy_set_header');
      if (sendsUpgrade(headers) || losesHandshake(lines)) continue;
      const doubt = context.doubt(location, 'proxy_set_header');
      if (doubt === null) continue;
      const emptied = headerNamed(headers, 'upgrade')?.statement ?? null;
      const subject = `"${location.label}" ${reason(webSocket)}`;
      yield {
        at: emptied ?? proxy.statement,
        message:
          emptied === null
            ? `${subject}, and nothing passes Upgrade on to ${proxy.target.url}`
            : `${subject}, and Upgrade is set to nothing`,
        severity: severityOf(context, webSocket),
        about: location,
        ...doubt,
        ...fixOf(context, webSocket),
      };
    }
  },
};

function severityOf(context: LintContext, { location, because }: WebSocketLocation): 'error' | 'warning' | 'info' {
  const connection = headerNamed(context.headers(location), 'connection');
  const meant = connection?.statement != null && /upgrade/i.test(connection.value);
  if (because === 'mark' || meant) return 'error';
  return because === 'faint' ? 'info' : 'warning';
}

function reason({ because }: WebSocketLocation): string {
  return because === 'mark' ? 'is said to carry WebSockets' : 'has the name of a WebSocket endpoint';
}

function fixOf(context: LintContext, { location }: WebSocketLocation): Pick<Finding, 'fix'> {
  const variables = handshakeVariables(context, location);
  if (variables === null) return {};
  const headers = [
    ['Upgrade', variables.upgrade],
    ['Connection', variables.connection],
  ] as const;
  return (
    headersFix(context, location, { title: 'pass Upgrade and Connection on', headers, edits: variables.edits }) ?? {}
  );
}
