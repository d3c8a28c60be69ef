import type { Location } from '../../effective/model.ts';
import { valueFix } from '../fixes/value.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const requestHeadersOff: Rule = {
  id: 'ws059-request-headers-off',
  severity: 'error',
  title: 'the client’s headers are not passed on, and with them the key of the handshake',
  why: 'With proxy_pass_request_headers off the backend gets only what proxy_set_header sets: no Sec-WebSocket-Key and no Sec-WebSocket-Version, without which no server can accept.',
  evidence: 'Seen with nginx 1.22.1 and the ws library: every handshake is answered with 400.',
  help: 'take the line out of this location, and set to "" what the backend shall not see',
  bad: `
${soundLocation('location /ws', { more: ['proxy_pass_request_headers off;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['proxy_set_header Cookie "";'] })}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const passes = context.value(location, 'proxy_pass_request_headers');
      const at = passes.statements.at(-1);
      if (at === undefined || passes.text?.toLowerCase() !== 'off') continue;
      const own = context.headers(location).some(({ key }) => key === 'sec-websocket-key');
      if (own) continue;
      yield {
        at,
        message: `the backend of "${location.label}" gets no Sec-WebSocket-Key`,
        about: location,
        ...fixOf(context, location),
      };
    }
  },
};

/** Whoever switched it off may have meant to keep something from the backend. */
function fixOf(context: LintContext, location: Location): Pick<Finding, 'fix'> {
  const made = valueFix(context, location, { name: 'proxy_pass_request_headers', args: ['on'] });
  return made === undefined ? {} : { fix: { ...made.fix, safe: false } };
}
