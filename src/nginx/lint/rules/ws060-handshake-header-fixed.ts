import { remove } from '../fixes/edit.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const handshakeHeaderFixed: Rule = {
  id: 'ws060-handshake-header-fixed',
  severity: 'error',
  title: 'a header of the handshake that belongs to the client is replaced by a fixed one',
  why: 'The backend answers for the key, the version, the subprotocol and the extensions that it is asked for. When those are nginx’s and not the client’s, the answer is none to what the client asked, and the client fails the connection.',
  evidence:
    'Seen with nginx 1.22.1 and the ws library: with a fixed Sec-WebSocket-Protocol the 101 names a subprotocol that the client never asked for, and it ends with "Server sent a subprotocol but none was requested".',
  help: 'take the line out; nginx passes the client’s own on',
  bad: `
${soundLocation('location /ws', { more: ['proxy_set_header Sec-WebSocket-Protocol chat;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['proxy_set_header Sec-WebSocket-Protocol $http_sec_websocket_protocol;'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      for (const { name, key, value, statement } of context.headers(location)) {
        if (statement === null || !clients.has(key) || isClients(key, value)) continue;
        yield {
          at: statement,
          message: `"${location.label}" sends "${name}: ${value}" whatever the client asks for`,
          about: location,
          fix: { title: `take ${name} out`, safe: false, edits: [remove(statement.directive)] },
        };
      }
    }
  },
};

const clients = new Set([
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
]);

/** Without extensions or subprotocol a client gets along; without a key it does not. */
function isClients(header: string, value: string): boolean {
  if (value === '') return header === 'sec-websocket-extensions' || header === 'sec-websocket-protocol';
  return value.includes('$') || (header === 'sec-websocket-version' && value === '13');
}
