import type { Statement } from '../../syntax/tree.ts';
import { replaceArguments } from '../fixes/edit.ts';
import type { LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const addHeaderOn101: Rule = {
  id: 'ws049-add-header-on-101',
  severity: 'info',
  title: 'the header is not in the answer to a handshake',
  why: 'add_header without always works for a list of statuses (200, 201, 204, 206, 301 to 308), and 101 is not in it.',
  evidence: 'Seen with nginx 1.22.1: the 101 has the header with always and lacks it without.',
  help: 'add always, or take the line out: browsers show no header of a 101 to a page',
  bad: `
${soundLocation('location /ws', { more: ['add_header X-Served-By edge1;'] })}`,
  good: `
${soundLocation('location /ws', { more: ['add_header X-Served-By edge1 always;'] })}`,
  *check(context) {
    for (const { location, mixed, because } of context.webSockets) {
      if (mixed || because === 'faint') continue;
      for (const at of location.own.get('add_header') ?? []) {
        const [name = ''] = at.directive.args;
        // What CORS is for a WebSocket, ws045 says.
        if (at.directive.args.length !== 2 || /^access-control-/i.test(name)) continue;
        yield { at, message: `${name} is not sent with a 101`, about: location, ...fixOf(context, at) };
      }
    }
  },
};

function fixOf(context: LintContext, { directive }: Statement) {
  const edits = [replaceArguments(directive, [...directive.args, 'always'])];
  return { fix: { title: 'add always', safe: !context.isShared(directive), edits } };
}
