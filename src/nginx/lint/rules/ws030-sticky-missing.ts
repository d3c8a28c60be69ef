import type { NginxUpstream } from '../../effective/model.ts';
import { insertInto } from '../fixes/edit.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import { pollsFirst } from '../websocket.ts';

export const stickyMissing: Rule = {
  id: 'ws030-sticky-missing',
  severity: 'warning',
  title: 'a client that polls first can change servers between its requests',
  why: 'Socket.IO, SockJS and SignalR begin with ordinary requests that make a session on one server; the handshake that follows has to reach the same one. Round robin and least_conn send it to any.',
  evidence:
    'Socket.IO answers {"code":1,"message":"Session ID unknown"} with status 400. Seen with nginx 1.22.1: two requests of one client arrive at two servers.',
  help: 'balance by client (hash, ip_hash, or sticky since 1.29.6), or let clients use the websocket transport only',
  exampleIn: 'http',
  bad: `
upstream chat {
    server 127.0.0.1:9001;
    server 127.0.0.1:9002;
}
server {
    listen 80;
${soundLocation('location /socket.io/', { pass: 'http://chat', indent: 4 })}
}`,
  good: `
upstream chat {
    hash $remote_addr consistent;
    server 127.0.0.1:9001;
    server 127.0.0.1:9002;
}
server {
    listen 80;
${soundLocation('location /socket.io/', { pass: 'http://chat', indent: 4 })}
}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const { upstream } = proxy.target;
      if (upstream?.statement == null || !pollsFirst(location) || !forgets(upstream)) continue;
      const servers = upstream.servers.filter(({ backup, down }) => !backup && !down);
      if (servers.length < 2) continue;
      yield {
        at: upstream.statement,
        message: `upstream ${upstream.name} sends the requests of one client through "${location.label}" to any of ${servers.length} servers`,
        about: location,
        ...fixOf(context, upstream),
      };
    }
  },
};

function forgets({ balancing, sticky }: NginxUpstream): boolean {
  return !sticky && ['round-robin', 'least-conn', 'random', 'least-time'].includes(balancing);
}

/** Only where nothing says how to balance, because a second method would silently displace the first. */
function fixOf(context: LintContext, { statement, balancing }: NginxUpstream): Pick<Finding, 'fix'> {
  const { directive } = statement!;
  if (balancing !== 'round-robin' || context.isShared(directive)) return {};
  const edits = [insertInto(directive, [['hash', '$remote_addr', 'consistent']])];
  // Behind another proxy all clients have one address, so somebody has to look first.
  return { fix: { title: 'balance by the client’s address', safe: false, edits } };
}
