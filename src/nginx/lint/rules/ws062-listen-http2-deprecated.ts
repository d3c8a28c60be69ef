import { formatVersion, isSince } from '../../../base/nginx-version.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const listenHttp2Deprecated: Rule = {
  id: 'ws062-listen-http2-deprecated',
  severity: 'info',
  title: 'http2 on the listen line is a matter of the past',
  why: 'Since 1.25.1 HTTP/2 is switched on with "http2 on;" for a server; nginx warns of the parameter at every start. WebSockets are not concerned: browsers open them over HTTP/1.1.',
  evidence:
    'Read in ngx_http_core_module.c of nginx 1.31.4: the "listen … http2" directive is deprecated, use the "http2" directive instead.',
  help: 'take http2 off the listen and write http2 on in the server',
  exampleIn: 'http',
  exampleOptions: { target: [1, 27, 0] },
  bad: `
server {
    listen 443 ssl http2;
    ssl_certificate app.pem;
    ssl_certificate_key app.key;
    ssl_session_timeout 1d;
    ssl_buffer_size 4k;
${soundLocation('location /ws', { indent: 4 })}
}`,
  good: `
server {
    listen 443 ssl;
    http2 on;
    ssl_certificate app.pem;
    ssl_certificate_key app.key;
    ssl_session_timeout 1d;
    ssl_buffer_size 4k;
${soundLocation('location /ws', { indent: 4 })}
}`,
  *check(context) {
    if (!isSince(context.target, [1, 25, 1])) return;
    for (const server of new Set(context.webSockets.map(({ location }) => location.server))) {
      const at = server.listens.find(
        ({ statement }) => statement?.directive.args.includes('http2') === true,
      )?.statement;
      if (at == null) continue;
      yield { at, message: `nginx ${formatVersion(context.target)} warns of http2 on this line`, about: server };
    }
  },
};
