import type { NginxUpstream } from '../../effective/model.ts';
import type { Statement } from '../../syntax/tree.ts';
import type { LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const poolUnused: Rule = {
  id: 'ws063-pool-unused',
  severity: 'warning',
  title: 'an upstream with keepalive that nothing names: its pool keeps no connection',
  why: 'A pool belongs to the upstream, and nginx finds it by the upstream’s name. A proxy_pass to the address itself, or to a variable that holds the address, opens a connection for every request beside the pool.',
  evidence:
    'Seen with nginx 1.22.1, five requests in a row: 5 new connections through a variable with the address, 1 through the name of the upstream.',
  help: 'name the upstream: proxy_pass http://NAME, or NAME in the variable',
  exampleIn: 'http',
  bad: `
upstream app {
    server 127.0.0.1:9001;
    keepalive 16;
}
server {
    listen 80;
    set $where 127.0.0.1:9001;
${soundLocation('location /', { pass: 'http://$where', indent: 4 })}
}`,
  good: `
upstream app {
    server 127.0.0.1:9001;
    keepalive 16;
}
server {
    listen 80;
    set $where app;
${soundLocation('location /', { pass: 'http://$where', indent: 4 })}
}`,
  *check(context) {
    // Where something was not read, it may name the upstream.
    if (!context.effective.complete) return;
    const around = context.webSockets.find(({ mixed, proxy }) => mixed && proxy.target.upstream === null);
    if (around === undefined) return;
    for (const upstream of context.effective.upstreams.values()) {
      const at = upstream.own.get('keepalive')?.[0];
      if (at === undefined || upstream.keepalive.connections === 0 || isNamed(context, upstream)) continue;
      if (!leadsThere(around.proxy.target.url, upstream, context)) continue;
      yield {
        at,
        message: `nothing names upstream ${upstream.name}, so its pool keeps no connection; "${around.location.label}" goes to ${around.proxy.target.url}`,
        about: upstream,
      };
    }
  },
};

/** True when a word outside of the upstream holds its name: an address, the value of a variable, a line of a map. */
function isNamed({ configuration }: LintContext, { name, statement }: NginxUpstream): boolean {
  const word = new RegExp(`(?:^|[^\\w.-])${name.replace(/[^\w]/g, '\\$&')}(?![\\w.-])`, 'i');
  const holds = ({ directive, children }: Statement): boolean =>
    directive !== statement?.directive && (directive.args.some((arg) => word.test(arg)) || children.some(holds));
  return configuration.statements.some(holds);
}

/** The address of one of its servers stands in proxy_pass, or in the variables that it may go by. */
function leadsThere(url: string, { servers }: NginxUpstream, context: LintContext): boolean {
  const texts = url.includes('$') ? context.statements('set').map(({ directive }) => directive.args[1] ?? '') : [url];
  return servers.some(({ address }) => texts.some((text) => text.includes(address)));
}
