import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const variableWithoutResolver: Rule = {
  id: 'ws053-variable-without-resolver',
  severity: 'error',
  title: 'the backend’s name is looked up for each request, and no resolver is set',
  why: 'With a variable in proxy_pass nginx resolves the name itself when a request comes, with the name servers of the directive resolver and no others; without it the answer is 502.',
  evidence: 'Seen with nginx 1.22.1: "no resolver defined to resolve app.internal" and status 502.',
  help: 'add resolver with a name server (127.0.0.11 in Docker), or define an upstream of that name',
  bad: `
set $app app.internal:9000;
${soundLocation('location /ws', { pass: 'http://$app' })}`,
  good: `
resolver 127.0.0.11 valid=10s;
set $app app.internal:9000;
${soundLocation('location /ws', { pass: 'http://$app' })}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const { target, statement } = proxy;
      if (!target.hasVariables || target.upstream !== null || location.statement === null) continue;
      if (context.value(location, 'resolver').statements.length > 0 || !isName(target.authority)) continue;
      const doubt = context.doubt(location, 'resolver');
      if (doubt === null || context.unread(location, 'upstream').length > 0) continue;
      yield {
        at: statement,
        message: `${target.authority} is looked up for each request of "${location.label}", and nothing says where`,
        about: location,
        ...doubt,
      };
    }
  },
};

/** Addresses need no looking up; of what is not known, nobody can say. */
function isName(authority: string): boolean {
  const host = authority.replace(/:\d+$/, '');
  return (
    host !== '' &&
    !/[$\ue000]/.test(host) &&
    !/^[\d.]+$/.test(host) &&
    !host.startsWith('[') &&
    !host.startsWith('unix:')
  );
}
