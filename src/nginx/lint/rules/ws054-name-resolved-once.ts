import type { ConfigFile } from '../../syntax/tree.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const nameResolvedOnce: Rule = {
  id: 'ws054-name-resolved-once',
  severity: 'info',
  title: 'the backend’s name is looked up when nginx starts, and never again',
  why: 'A plain name in proxy_pass is resolved at the start and at each reload. When the address behind it changes (a container is made anew, a load balancer in a cloud moves), nginx goes on with the old one.',
  evidence:
    'Seen with nginx 1.22.1: a name that does not resolve keeps nginx from starting ("host not found in upstream"). The manual of ngx_http_upstream_module: "server … resolve" (1.27.3) is what looks it up again.',
  help: 'where addresses change, use an upstream with "server NAME resolve" and a resolver (from 1.27.3), or set a variable and proxy to that, with a resolver',
  bad: `
${soundLocation('location /ws', { pass: 'http://localhost.:9000' })}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    const files = new Set<ConfigFile>();
    for (const { location, proxy } of context.webSockets) {
      const { authority, upstream, hasVariables } = proxy.target;
      const { file } = proxy.statement.directive;
      // One note a file: that names are looked up once is true of all of them.
      if (hasVariables || upstream !== null || files.has(file) || !isName(authority)) continue;
      if (context.unread(location, 'upstream').length > 0) continue;
      files.add(file);
      yield {
        at: proxy.statement,
        message: `${authority.replace(/:\d+$/, '')} is looked up once, when nginx starts`,
        about: location,
      };
    }
  },
};

/** A name of one machine (localhost, what ends in .local) does not move. */
function isName(authority: string): boolean {
  const host = authority.replace(/:\d+$/, '');
  return !/^[\d.]+$|^\[|^unix:|^localhost$|\.local$|^$|\ue000/i.test(host);
}
