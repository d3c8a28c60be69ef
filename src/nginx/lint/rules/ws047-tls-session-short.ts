import type { Server } from '../../effective/model.ts';
import { parseTimeSeconds } from '../../facts/values.ts';
import { insertAfter } from '../fixes/edit.ts';
import { statementFix } from '../fixes/value.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const tlsSessionShort: Rule = {
  id: 'ws047-tls-session-short',
  severity: 'info',
  title: 'a client that comes back after its WebSocket broke has to do a full TLS handshake',
  why: 'A TLS session can be resumed for ssl_session_timeout from its start, five minutes by default. A WebSocket lives longer, so when many come back at once (a restart, a lost link) each costs a signature.',
  evidence:
    'Measured: one core makes 3 765 signatures of RSA 2048 in a second. Seen with nginx 1.22.1: tickets older than 300 s are refused; a reload makes all tickets void before 1.23.2.',
  help: 'set ssl_session_timeout to between an hour and a day, with ssl_session_cache shared:TLS:10m',
  exampleIn: 'http',
  bad: `
server {
    listen 443 ssl;
    ssl_certificate app.pem;
    ssl_certificate_key app.key;
${soundLocation('location /ws', { indent: 4 })}
    location / {
        root /var/www/app;
    }
}`,
  good: `
server {
    listen 443 ssl;
    ssl_certificate app.pem;
    ssl_certificate_key app.key;
    ssl_session_timeout 1d;
    ssl_session_cache shared:TLS:10m;
${soundLocation('location /ws', { indent: 4 })}
    location / {
        root /var/www/app;
    }
}`,
  *check(context) {
    const servers = new Set(context.webSockets.map(({ location }) => location.server));
    for (const server of servers) {
      const listen = server.listens.find(({ ssl, quic }) => ssl && !quic);
      if (listen === undefined) continue;
      const timeout = context.value(server, 'ssl_session_timeout');
      const at = timeout.statements.at(-1) ?? listen.statement ?? server.statement;
      const seconds = parseTimeSeconds(timeout.text ?? '');
      if (at === null || seconds === null || seconds >= shortestSeconds) continue;
      const doubt = context.doubt(server, 'ssl_session_timeout');
      if (doubt === null) continue;
      yield {
        at,
        message: `a TLS session is forgotten after ${timeout.text}${timeout.origin === 'default' ? ' (the default)' : ''}`,
        about: server,
        ...doubt,
        ...fixOf(context, server),
      };
    }
  },
};

/** An hour: about as long as people stay with a page. */
const shortestSeconds = 3600;

function fixOf(context: LintContext, server: Server): Pick<Finding, 'fix'> {
  const own = context.value(server, 'ssl_session_timeout').statements.at(-1);
  if (own !== undefined) {
    const { fix } = statementFix(own, ['1d']);
    return { fix: { ...fix, safe: !context.isShared(own.directive) } };
  }
  const anchor = server.own.get('ssl_certificate_key')?.at(-1) ?? server.own.get('listen')?.at(-1);
  if (anchor === undefined) return {};
  const safe = !context.isShared(anchor.directive);
  const edits = [insertAfter(anchor.directive, [['ssl_session_timeout', '1d']])];
  return { fix: { title: 'set ssl_session_timeout 1d', safe, edits } };
}
