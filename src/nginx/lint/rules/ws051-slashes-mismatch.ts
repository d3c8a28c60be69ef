import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const slashesMismatch: Rule = {
  id: 'ws051-slashes-mismatch',
  severity: 'warning',
  title: 'the path reaches the backend with a slash too many or one too few',
  why: 'A path behind the address in proxy_pass takes the place of the location’s own part, letter by letter. When one of the two ends in a slash and the other does not, the rest is glued on as //room or socketroom.',
  evidence:
    'Seen with nginx 1.22.1: location /ws with proxy_pass http://backend/ turns /ws/room into //room; location /chat/ with proxy_pass http://backend/socket turns /chat/room into /socketroom.',
  help: 'end both in a slash, or neither',
  bad: `
${soundLocation('location /chat/', { pass: 'http://backend/socket' })}`,
  good: `
${soundLocation('location /chat/', { pass: 'http://backend/socket/' })}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const { uri, hasVariables } = proxy.target;
      const { modifier, pattern } = location;
      const isPrefix = modifier === 'prefix' || modifier === '^~';
      if (!isPrefix || uri === null || hasVariables || uri.includes('?') || location.kind !== 'location') continue;
      if (uri.endsWith('/') === pattern.endsWith('/')) continue;
      const rest = pattern.endsWith('/') ? 'room' : '/room';
      yield {
        at: proxy.statement,
        message: `a request for ${pattern}${rest} reaches the backend as ${uri}${rest}`,
        // The path of the location itself is right then; only what is below it is not.
        severity: pattern.endsWith('/') ? 'warning' : 'info',
        about: location,
      };
    }
  },
};
