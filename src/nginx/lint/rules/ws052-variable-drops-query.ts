import type { Location, Scope } from '../../effective/model.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const variableDropsQuery: Rule = {
  id: 'ws052-variable-drops-query',
  severity: 'error',
  title: 'with a variable in proxy_pass, its path is all that the backend gets',
  why: 'With a variable in the address nginx replaces nothing: the path that is written there is the whole request line, so that the rest of the path and the query are lost, and with the query the token that many clients send in it.',
  evidence:
    'Seen with nginx 1.22.1: proxy_pass http://$app/socket passes /ws/room?token=a on as /socket; so does a variable that holds the whole address, path and all.',
  help: 'leave the path out (a rewrite … break can change it), or write $request_uri, or $uri$is_args$args, behind the address',
  bad: `
set $app 127.0.0.1:9000;
${soundLocation('location /ws', { pass: 'http://$app/socket' })}`,
  good: `
set $app 127.0.0.1:9000;
${soundLocation('location /ws', { pass: 'http://$app' })}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const { url, hasVariables } = proxy.target;
      const path = /^https?:\/\/(?:unix:[^:]*:|[^/?#]*)([/?].*)$/i.exec(whole(location, url))?.[1];
      if (!hasVariables || path === undefined || carriesQuery.test(path)) continue;
      const isBuilt = path.includes('$');
      const lost = isBuilt ? 'the query' : 'the rest of the path and the query';
      yield {
        at: proxy.statement,
        message: `"${location.label}" asks the backend for ${path}, and ${lost} of the request is lost`,
        severity: isBuilt ? 'warning' : 'error',
        about: location,
      };
    }
  },
};

/** The text of a variable that holds the whole address: `set $target http://10.0.0.1:7000/$2; proxy_pass $target;`. */
function whole(location: Location, url: string): string {
  if (!/^\$(?:\w+|\{\w+\})$/.test(url)) return url;
  const variable = url.replace(/[{}]/g, '').toLowerCase();
  for (let scope: Scope | null = location; scope !== null; scope = scope.parent) {
    const line = scope.own.get('set')?.findLast(({ directive: { args } }) => args[0]?.toLowerCase() === variable);
    if (line !== undefined) return line.directive.args[1] ?? url;
  }
  return url;
}

const carriesQuery = /\$\{?(?:request_uri|args|query_string|is_args)\b/i;
