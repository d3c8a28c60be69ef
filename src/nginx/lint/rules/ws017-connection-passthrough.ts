import { headerNamed, headersFix } from '../fixes/headers.ts';
import { connectionVariable } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import { sendsUpgrade, type WebSocketLocation } from '../websocket.ts';

export const connectionPassthrough: Rule = {
  id: 'ws017-connection-passthrough',
  severity: 'warning',
  title: 'the client’s own Connection header is passed on',
  why: 'Connection lists headers that the next hop must remove. A client that sends "Connection: X-Real-IP" can have headers taken off that nginx added, and its close and keep-alive reach a connection that is not its own.',
  evidence: 'RFC 9110, 7.6.1: an intermediary removes Connection and what it names, and writes its own.',
  help: 'set Connection to a variable that a map makes "upgrade" for a WebSocket and empty otherwise',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $http_connection;
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location } = webSocket;
      const headers = context.headers(location);
      const connection = headerNamed(headers, 'connection');
      if (!sendsUpgrade(headers) || connection?.statement == null) continue;
      if (!/\$\{?http_connection\b/i.test(connection.value)) continue;
      yield {
        at: connection.statement,
        message: `"${location.label}" sends the backend whatever the client wrote in Connection`,
        about: location,
        ...fixOf(context, webSocket),
      };
    }
  },
};

function fixOf(context: LintContext, { location }: WebSocketLocation): Pick<Finding, 'fix'> {
  const variable = connectionVariable(context, location);
  if (variable === null) return {};
  const headers = [['Connection', variable.value]] as const;
  return (
    headersFix(context, location, { title: 'let Connection follow Upgrade', headers, edits: variable.edits }) ?? {}
  );
}
