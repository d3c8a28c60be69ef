import { locate } from '../../effective/locate.ts';
import type { Location } from '../../effective/model.ts';
import { quoted } from '../../syntax/printer.ts';
import { indentAt, lineEndOf } from '../fixes/edit.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';
import type { WebSocketLocation } from '../websocket.ts';

export const trailingSlashRedirect: Rule = {
  id: 'ws024-trailing-slash-redirect',
  severity: 'warning',
  title: 'without its trailing slash the path is answered with a redirect',
  why: 'For a prefix location that ends in a slash and proxies, nginx answers the same path without the slash with 301. WebSocket clients follow no redirects.',
  evidence: 'Seen with nginx 1.22.1: a handshake for /ws gets 301 where there is only location /ws/.',
  help: 'add a location for exactly the path without the slash, or take the slash off the prefix',
  bad: `
${soundLocation('location /ws/')}`,
  good: `
${soundLocation('location /ws/')}
${soundLocation('location = /ws')}`,
  *check(context) {
    for (const webSocket of context.webSockets) {
      const { location } = webSocket;
      const bare = location.pattern.slice(0, -1);
      if (!isNamed(context, webSocket) || locate(location.server, bare).redirectTo !== location.pattern) continue;
      yield {
        at: location.statement!,
        message: `a handshake for ${bare} gets a redirect to ${location.pattern}`,
        about: location,
        ...fixOf(location, bare),
      };
    }
  },
};

/** A prefix whose last part is a WebSocket name: for others, the path without the slash is nobody’s endpoint. */
function isNamed(context: LintContext, { location, because }: WebSocketLocation): boolean {
  const { modifier, pattern, statement, kind } = location;
  if (kind !== 'location' || statement === null || (modifier !== 'prefix' && modifier !== '^~')) return false;
  if (pattern.length < 2 || !pattern.endsWith('/')) return false;
  const known = context.options.routes?.some(({ path }) => path === pattern.slice(0, -1)) === true;
  return known || because === 'mark' || /\/(?:wss?|web-?sockets?|cable)\/$/i.test(pattern);
}

/** A copy for exactly this path, so that no other path changes its way. */
function fixOf({ statement, locations }: Location, bare: string): Pick<Finding, 'fix'> {
  const { directive } = statement!;
  if (directive.block === null || locations.some(({ kind }) => kind === 'location')) return {};
  const { file, block } = directive;
  const lineEnd = lineEndOf(file);
  const head = `${lineEnd}${indentAt(file, directive.start)}location = ${quoted(bare)} `;
  const body = file.text.slice(block.start, block.end);
  const edits = [{ file: file.path, start: directive.end, end: directive.end, text: head + body }];
  return { fix: { title: `serve ${bare} in the same way`, safe: true, edits } };
}
