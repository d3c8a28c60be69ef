import { looksAtOrigin } from '../origin-checks.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const corsIsNoProtection: Rule = {
  id: 'ws045-cors-is-no-protection',
  severity: 'info',
  title: 'CORS headers do not keep anybody from opening a WebSocket',
  why: 'Browsers do not apply CORS to WebSockets: they send no preflight and do not look at Access-Control-Allow-Origin of a 101. What decides is whether the server looks at Origin.',
  evidence: 'The WHATWG standards of Fetch and WebSockets; RFC 6455, 10.2.',
  help: 'add a map on $http_origin with the origins you serve and "if ($origin_refused) { return 403; }", or make sure that the backend checks; take the headers out where only WebSockets go',
  exampleIn: 'http',
  bad: `
server {
    listen 80;
${soundLocation('location /ws', { more: ['add_header Access-Control-Allow-Origin "https://app.example.com" always;'], indent: 4 })}
}`,
  good: `
map $http_origin $origin_refused {
    default 1;
    "https://app.example.com" 0;
}
server {
    listen 80;
${soundLocation('location /ws', { first: ['if ($origin_refused) {', '    return 403;', '}'], indent: 4 })}
}`,
  *check(context) {
    for (const { location, mixed } of context.webSockets) {
      // Where ordinary requests go too (polling, pages), CORS has its use.
      if (mixed) continue;
      const at = location.own
        .get('add_header')
        ?.find(({ directive }) => /^access-control-/i.test(directive.args[0] ?? ''));
      const doubt = context.doubt(location, 'auth_request');
      if (at === undefined || doubt === null || looksAtOrigin(context, location)) continue;
      yield {
        at,
        message: `browsers do not look at this for a WebSocket, and nothing looks at Origin`,
        about: location,
        ...doubt,
      };
    }
  },
};
