import { headerNamed, headersFix } from '../fixes/headers.ts';
import { isTurnedAway } from '../guards.ts';
import { connectionVariable } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import { sendsUpgrade, type WebSocketLocation } from '../websocket.ts';

export const hardcodedUpgrade: Rule = {
  id: 'ws013-hardcoded-upgrade-shared',
  severity: 'warning',
  title: 'every request claims to be an upgrade',
  why: 'With a literal "upgrade" ordinary requests of the location carry "Connection: upgrade" without an Upgrade header. Most backends shrug; some answer 400 or 426.',
  evidence:
    'Seen with nginx 1.22.1: WebSockets work, Node answers 200 to plain requests and keeps its connection alive; nginx’s own guide shows the line for a location of its own.',
  help: 'set Connection to a variable that a map makes "upgrade" only when the client sends Upgrade',
  bad: `
location / {
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection "upgrade";
    proxy_read_timeout 10m;
}`,
  good: `
${soundLocation('location /')}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location, mixed } = webSocket;
      const headers = context.headers(location);
      const connection = headerNamed(headers, 'connection');
      if (!sendsUpgrade(headers) || connection?.statement == null) continue;
      if (connection.value.includes('$') || !/(?:^|[\s,])upgrade(?=$|[\s,])/i.test(connection.value)) continue;
      if (isTurnedAway(context.effective, location, 'plain')) continue;
      // With a literal Upgrade too, ordinary requests are refused: that is ws042's.
      if (mixed && headerNamed(headers, 'upgrade')?.value.toLowerCase() === 'websocket') continue;
      yield {
        at: connection.statement,
        message: mixed
          ? `"${location.label}" sends "Connection: ${connection.value}" with ordinary requests too`
          : `"${location.label}" sends "Connection: ${connection.value}" whatever the request asks for`,
        severity: mixed ? 'warning' : 'info',
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
