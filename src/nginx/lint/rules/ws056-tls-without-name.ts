import { valueFix } from '../fixes/value.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const tlsWithoutName: Rule = {
  id: 'ws056-tls-without-name',
  severity: 'warning',
  title: 'the backend is asked over TLS without its name',
  why: 'nginx sends no server name (SNI) to backends unless proxy_ssl_server_name is on. One that serves several names (a CDN, a cloud load balancer, an ingress) then shows another certificate, or ends the connection.',
  evidence:
    'Seen with nginx 1.22.1: the backend is told no server name without the directive, and app.example.org with it.',
  help: 'write proxy_ssl_server_name on in this location',
  bad: `
set $app app.example.org;
resolver 127.0.0.11;
${soundLocation('location /ws', { pass: 'https://$app' })}`,
  good: `
set $app app.example.org;
resolver 127.0.0.11;
${soundLocation('location /ws', { pass: 'https://$app', more: ['proxy_ssl_server_name on;'] })}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const { target, statement } = proxy;
      if (target.scheme !== 'https' || location.statement === null) continue;
      const host = target.authority.replace(/:\d+$/, '');
      // An address has no name, and one label is a machine next door.
      if (!host.includes('.') || /^[\d.]+$|^unix:|[$\ue000]/.test(host)) continue;
      if (context.value(location, 'proxy_ssl_server_name').text === 'on') continue;
      const doubt = context.doubt(location, 'proxy_ssl_server_name');
      if (doubt === null) continue;
      yield {
        at: statement,
        message: `${host} is not told by "${location.label}" which name is asked for`,
        about: location,
        ...doubt,
        ...valueFix(context, location, { name: 'proxy_ssl_server_name', args: ['on'] }),
      };
    }
  },
};
