import { isSince } from '../../../base/nginx-version.ts';
import type { Listen, Server } from '../../effective/model.ts';
import { unreadIn } from '../../effective/unread.ts';
import { whereOf } from '../../syntax/place.ts';
import { replaceArguments, replaceWord } from '../fixes/edit.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const listenerCannot: Rule = {
  id: 'ws036-listener-cannot-ws',
  severity: 'error',
  title: 'there is no way for a handshake: the listener or the backend’s address does not speak HTTP/1.1',
  why: 'A WebSocket begins as an HTTP/1.1 request. A port without TLS that has http2 takes nothing but HTTP/2 before 1.25.1, quic takes HTTP/3, and nginx knows no WebSockets over either (RFC 8441, RFC 9220); from 1.31.0 on it answers 400 to a request over HTTP/2 that carries Upgrade. To a backend, too, it is HTTP that nginx speaks: ws:// and wss:// are no prefixes of proxy_pass.',
  evidence:
    'Seen with nginx 1.22.1: a handshake on "listen 80 http2" gets HTTP/2 bytes and no 101; proxy_pass ws://… is refused with "invalid URL prefix". Read in 1.31.4: SETTINGS_ENABLE_CONNECT_PROTOCOL is never sent.',
  help: 'give WebSockets a listener without http2 (with TLS, browsers choose HTTP/1.1 for them by themselves), and write http:// for ws:// and https:// for wss://',
  exampleIn: 'http',
  exampleOptions: { target: [1, 22, 1] },
  bad: `
server {
    listen 80 http2;
${soundLocation('location /ws', { indent: 4 })}
}`,
  good: `
server {
    listen 80;
${soundLocation('location /ws', { indent: 4 })}
}`,
  *check(context) {
    yield* prefixes(context);
    const servers = new Set(context.webSockets.map(({ location }) => location.server));
    // The http2 of one server’s line counts for the address, whoever asks there.
    const all = context.effective.servers.flatMap(({ listens }) => listens);
    const http2 = new Set(all.filter((listen) => listen.http2).map(keyOf));
    for (const server of servers) {
      const { listens } = server;
      const takesHttp1 = (listen: Listen) =>
        !listen.quic && (listen.ssl || isSince(context.target, [1, 25, 1]) || !http2.has(keyOf(listen)));
      if (listens.length === 0 || listens.some(takesHttp1)) continue;
      // A listener that was not read may take it.
      if (unreadIn(context.effective, server).length > 0) continue;
      const listen = listens.find((each) => !each.quic && each.statement !== null) ?? listens[0]!;
      const at = listen.statement ?? server.statement;
      if (at === null) continue;
      const example = context.webSockets.find(({ location }) => location.server === server)!;
      yield {
        at,
        message: listen.quic
          ? `only HTTP/3 comes in here, and "${example.location.label}" needs HTTP/1.1`
          : `only HTTP/2 comes in on this port, and "${example.location.label}" needs HTTP/1.1`,
        related: [{ message: 'the WebSockets', where: whereOf(example.proxy.statement.directive) }],
        about: server,
        ...fixOf(server),
      };
    }
  },
};

function keyOf({ address, port }: Listen): string {
  return `${address}:${port ?? ''}`;
}

/** gRPC clients may need the port as it is, so somebody has to look. */
function fixOf({ listens }: Server): Pick<Finding, 'fix'> {
  const edits = listens.flatMap(({ statement, http2 }) => {
    const args = statement?.directive.args ?? [];
    if (statement === null || !http2 || !args.includes('http2')) return [];
    return [
      replaceArguments(
        statement.directive,
        args.filter((arg) => arg !== 'http2'),
      ),
    ];
  });
  return edits.length === 0 ? {} : { fix: { title: 'take http2 off', safe: false, edits } };
}

function* prefixes(context: LintContext): Iterable<Finding> {
  for (const at of context.statements('proxy_pass')) {
    const url = at.directive.args[0] ?? '';
    const secure = /^ws(s?):\/\//i.exec(url)?.[1];
    if (secure === undefined) continue;
    const right = url.replace(/^ws/i, 'http');
    yield {
      at,
      message: `nginx knows no ${secure === '' ? 'ws' : 'wss'}://, neither with nor without TLS`,
      fix: { title: `write ${right}`, safe: true, edits: [replaceWord(at.directive, 1, right)] },
    };
  }
}
