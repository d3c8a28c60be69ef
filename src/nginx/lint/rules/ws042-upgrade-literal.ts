import { headerNamed, headersFix } from '../fixes/headers.ts';
import { handshakeVariables } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import type { WebSocketLocation } from '../websocket.ts';

export const upgradeLiteral: Rule = {
  id: 'ws042-upgrade-literal',
  severity: 'error',
  title: 'ordinary requests are sent to the backend as handshakes',
  why: 'With a literal "websocket" every request of the location asks for an upgrade. Pages and API calls lack the rest of a handshake, and the backend refuses them.',
  evidence: 'Seen with nginx 1.22.1 and the ws library: a plain GET gets 400.',
  help: 'set both headers from maps on $http_upgrade, so that only handshakes carry them',
  bad: `
location / {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade websocket;
    proxy_set_header Connection upgrade;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /')}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location, mixed } = webSocket;
      const sent = mixed ? context.handshake(location, 'plain') : null;
      if (sent === null || !sent.upgrade.known || !sent.connection.known) continue;
      if (sent.upgrade.value.toLowerCase() !== 'websocket' || !/\bupgrade\b/i.test(sent.connection.value)) continue;
      const at = headerNamed(context.headers(location), 'upgrade')?.statement;
      if (at == null) continue;
      yield {
        at,
        message: `ordinary requests through "${location.label}" reach the backend with "Upgrade: ${sent.upgrade.value}"`,
        about: location,
        ...fixOf(context, webSocket),
      };
    }
  },
};

function fixOf(context: LintContext, { location }: WebSocketLocation): Pick<Finding, 'fix'> {
  const variables = handshakeVariables(context, location);
  if (variables === null) return {};
  const headers = [
    ['Upgrade', variables.upgrade],
    ['Connection', variables.connection],
  ] as const;
  return headersFix(context, location, { title: 'let both follow the client', headers, edits: variables.edits }) ?? {};
}
