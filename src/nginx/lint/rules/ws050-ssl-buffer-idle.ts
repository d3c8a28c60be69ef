import type { Location, Server } from '../../effective/model.ts';
import { parseSizeBytes } from '../../facts/values.ts';
import { insertAfter } from '../fixes/edit.ts';
import { statementFix } from '../fixes/value.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const sslBufferIdle: Rule = {
  id: 'ws050-ssl-buffer-idle',
  severity: 'info',
  title: 'a TLS buffer is held for the life of every WebSocket and used once',
  why: 'ssl_buffer_size is taken for the answer to the handshake, kept until the connection ends, and not used for what follows, which goes to OpenSSL directly.',
  evidence:
    'Measured with nginx 1.22.1 and TLS 1.3: 47.3 kB for each WebSocket with 16k, the default, 37.5 kB with 4k, at the same speed.',
  help: 'set ssl_buffer_size 4k in a server that carries WebSockets only; for pages and files 16k is better',
  exampleIn: 'http',
  bad: `
server {
    listen 443 ssl;
    ssl_certificate app.pem;
    ssl_certificate_key app.key;
    ssl_session_timeout 1d;
${soundLocation('location /ws', { indent: 4 })}
}`,
  good: `
server {
    listen 443 ssl;
    ssl_certificate app.pem;
    ssl_certificate_key app.key;
    ssl_session_timeout 1d;
    ssl_buffer_size 4k;
${soundLocation('location /ws', { indent: 4 })}
}`,
  *check(context) {
    const servers = new Set(context.webSockets.map(({ location }) => location.server));
    const only = new Set(context.webSockets.filter(({ mixed }) => !mixed).map(({ location }) => location));
    for (const server of servers) {
      const listen = server.listens.find(({ ssl, quic }) => ssl && !quic);
      if (listen === undefined || !isOnlyForWebSockets(only, server)) continue;
      const size = context.value(server, 'ssl_buffer_size');
      const bytes = parseSizeBytes(size.text ?? '');
      const at = size.statements.at(-1) ?? listen.statement ?? server.statement;
      if (at === null || bytes === null || bytes <= smallBytes) continue;
      const doubt = context.doubt(server, 'ssl_buffer_size');
      if (doubt === null) continue;
      yield {
        at,
        message: `every WebSocket holds ${size.text} for TLS${size.origin === 'default' ? ' (the default)' : ''} that it uses once`,
        about: server,
        ...doubt,
        ...fixOf(context, server),
      };
    }
  },
};

/** A page of memory: the answer to a handshake fits, and nothing smaller is saved. */
const smallBytes = 4096;

function isOnlyForWebSockets(only: ReadonlySet<Location>, { locations }: Server): boolean {
  return locations.every(
    (location) => only.has(location) || location.handler.kind === 'return' || location.kind === 'if',
  );
}

function fixOf(context: LintContext, server: Server): Pick<Finding, 'fix'> {
  const own = context.value(server, 'ssl_buffer_size');
  const statement = own.statements.at(-1);
  if (statement !== undefined && own.origin === 'own') {
    const { fix } = statementFix(statement, ['4k']);
    return { fix: { ...fix, safe: !context.isShared(statement.directive) } };
  }
  const anchor = server.own.get('ssl_certificate_key')?.at(-1) ?? server.own.get('listen')?.at(-1);
  if (anchor === undefined) return {};
  const safe = !context.isShared(anchor.directive);
  const edits = [insertAfter(anchor.directive, [['ssl_buffer_size', '4k']])];
  return { fix: { title: 'set ssl_buffer_size 4k', safe, edits } };
}
