import { remove } from '../fixes/edit.ts';
import { headerNamed } from '../fixes/headers.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const originRewritten: Rule = {
  id: 'ws022-origin-rewritten',
  severity: 'warning',
  title: 'the backend does not see the page’s real Origin',
  why: 'Browsers let any page open a WebSocket to any server, cookies included, and send the page’s Origin so that the server can refuse. Rewritten or taken away, it lets every page in: cross-site WebSocket hijacking.',
  evidence:
    'RFC 6455, 10.2. Seen with nginx 1.22.1: with a constant Origin a backend that checks it answers 101 to https://evil.example.',
  help: 'take the line out, and allow the origins you mean with a map on $http_origin and return 403',
  bad: `
${soundLocation('location /ws', { more: ['proxy_set_header Origin http://backend;'] })}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const origin = headerNamed(context.headers(location), 'origin');
      if (origin?.statement == null || /^\$\{?http_origin\}?$/i.test(origin.value)) continue;
      const what = origin.value === '' ? 'takes Origin away' : `sends "Origin: ${origin.value}" whatever page asks`;
      yield {
        at: origin.statement,
        message: `"${location.label}" ${what}`,
        about: location,
        // A backend that has lived with it may refuse the real origins at first, so somebody has to want it.
        fix: { title: 'pass Origin on as it is', safe: false, edits: [remove(origin.statement.directive)] },
      };
    }
  },
};
