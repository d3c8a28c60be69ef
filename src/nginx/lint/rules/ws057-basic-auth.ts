import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const basicAuth: Rule = {
  id: 'ws057-basic-auth',
  severity: 'info',
  title: 'a browser cannot be asked for a password by a WebSocket',
  why: 'A page cannot set Authorization on a WebSocket. Most browsers send what they were told for the same site before; Safari does not, and no browser asks when a handshake is answered with 401: the connection fails.',
  evidence:
    'Seen with nginx 1.22.1: a handshake without Authorization gets 401, and a browser shows only that the connection failed (close code 1006).',
  help: 'check a cookie or a token in the query instead (auth_request), or let the page fetch a short-lived ticket over HTTP first',
  bad: `
${soundLocation('location /ws', { more: ['auth_basic "Chat";', 'auth_basic_user_file users;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['auth_basic off;'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const realm = context.value(location, 'auth_basic');
      const at = realm.statements.at(-1);
      if (at === undefined || realm.text === 'off') continue;
      yield {
        at,
        message: `"${location.label}" wants a password, which Safari does not send with a handshake`,
        about: location,
      };
    }
  },
};
