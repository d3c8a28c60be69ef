import { remove } from '../fixes/edit.ts';
import type { Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const answerHidden: Rule = {
  id: 'ws058-answer-hidden',
  severity: 'error',
  title: 'a header of the 101 that the client needs is taken away',
  why: 'The client looks for Upgrade and Sec-WebSocket-Accept in the answer, and fails the connection when one is not there (RFC 6455, 4.1); it also fails when it asked for a subprotocol and gets no answer.',
  evidence:
    'Seen with nginx 1.22.1: with proxy_hide_header Sec-WebSocket-Accept the 101 arrives without it, and the ws library fails with "Invalid Sec-WebSocket-Accept header".',
  help: 'take the line out',
  bad: `
${soundLocation('location /ws', { more: ['proxy_hide_header Sec-WebSocket-Accept;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['proxy_hide_header X-Powered-By;'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      for (const at of context.value(location, 'proxy_hide_header').statements) {
        const name = at.directive.args[0] ?? '';
        if (!needed.test(name)) continue;
        yield {
          at,
          message: `the client of "${location.label}" never sees ${name}`,
          about: location,
          fix: {
            title: `take proxy_hide_header ${name} out`,
            safe: !context.isShared(at.directive),
            edits: [remove(at.directive)],
          },
        };
      }
    }
  },
};

/** Extensions are agreed on by what the 101 says, too. Connection is nginx’s own in any case. */
const needed = /^(?:upgrade|sec-websocket-(?:accept|protocol|extensions))$/i;
