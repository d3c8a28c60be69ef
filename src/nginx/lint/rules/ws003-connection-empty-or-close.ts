import { headerNamed, headersFix } from '../fixes/headers.ts';
import { connectionVariable } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import { sendsUpgrade, type WebSocketLocation } from '../websocket.ts';

export const connectionEmptyOrClose: Rule = {
  id: 'ws003-connection-empty-or-close',
  severity: 'error',
  title: 'Upgrade is passed on with a Connection header that does not name it',
  why: 'A backend takes Upgrade for meant only when Connection names it. An empty Connection is not sent at all, and close or keep-alive say something else.',
  evidence: 'Seen with nginx 1.22.1: with Connection "" the backend gets Upgrade alone and answers 200 instead of 101.',
  help: 'set Connection to a variable that a map makes "upgrade" for a WebSocket and empty for other requests, which also keeps the backend’s connections alive',
  bad: `
location /ws {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection "";
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
      const { value, statement } = connection;
      // Variables are ws016's; a second line that is right makes it ws018's.
      const lines = headers.filter(({ key }) => key === 'connection');
      if (lines.some((line) => line.value.includes('$') || namesUpgrade(line.value))) continue;
      yield {
        at: statement,
        message:
          value === ''
            ? `"${location.label}" passes Upgrade on and takes Connection away`
            : `"${location.label}" passes Upgrade on with "Connection: ${value}"`,
        about: location,
        ...fixOf(context, webSocket),
      };
    }
  },
};

function namesUpgrade(value: string): boolean {
  return /(?:^|[\s,])upgrade(?=$|[\s,])/i.test(value);
}

function fixOf(context: LintContext, { location }: WebSocketLocation): Pick<Finding, 'fix'> {
  const variable = connectionVariable(context, location);
  if (variable === null) return {};
  const headers = [['Connection', variable.value]] as const;
  return (
    headersFix(context, location, { title: 'let Connection follow Upgrade', headers, edits: variable.edits }) ?? {}
  );
}
