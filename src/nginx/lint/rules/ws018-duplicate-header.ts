import type { Location } from '../../effective/model.ts';
import { whereOf } from '../../syntax/place.ts';
import type { Statement } from '../../syntax/tree.ts';
import { remove } from '../fixes/edit.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const duplicateHeader: Rule = {
  id: 'ws018-duplicate-header',
  severity: 'warning',
  title: 'a header of the handshake is set twice',
  why: 'proxy_set_header lines of one block do not replace one another: each that is not empty is sent, and the backend picks one or refuses the request.',
  evidence: 'Seen with nginx 1.22.1: two lines "Connection: upgrade" and "Connection: close" reach the backend.',
  help: 'keep one line; look into included files for the other',
  bad: `
${soundLocation('location /ws', { more: ['proxy_set_header Connection close;'] })}`,
  good: `
${soundLocation('location /ws')}`,
  *check(context) {
    for (const { location } of context.webSockets) {
      const rows = context.value(location, 'proxy_set_header').statements;
      if (rows.length < 2) continue;
      for (const name of ['upgrade', 'connection', 'host']) {
        const same = rows.filter(({ directive }) => directive.args[0]?.toLowerCase() === name);
        const [first, second] = same;
        if (first === undefined || second === undefined) continue;
        // nginx sends no line without a value, so beside one that has a value it changes nothing.
        const isOne = same.filter(({ directive }) => directive.args[1] !== '').length < 2;
        const times = same.length === 2 ? 'twice' : `${same.length} times`;
        yield {
          at: second,
          message: `"${location.label}" sets ${second.directive.args[0]} ${times}${isOne ? ', and nginx sends the line that has a value' : ''}`,
          ...(isOne && { severity: 'info' as const }),
          related: [{ message: 'the first one', where: whereOf(first.directive) }],
          about: location,
          ...fixOf(context, location, same),
        };
      }
    }
  },
};

/** Keeps the line that makes the handshake work, or the last one when they do not differ in that. */
function fixOf(context: LintContext, location: Location, same: readonly Statement[]): Pick<Finding, 'fix'> {
  const keep = same.findLast((row) => works(context, location, row)) ?? same.at(-1)!;
  const others = same.filter((row) => row !== keep && row.directive !== keep.directive);
  if (others.length === 0) return {};
  const safe = others.every(({ directive }) => !context.isShared(directive));
  const title = `keep only ${keep.directive.args.join(' ')}`;
  return { fix: { title, safe, edits: others.map(({ directive }) => remove(directive)) } };
}

function works(context: LintContext, location: Location, { directive }: Statement): boolean {
  const [name = '', value = ''] = directive.args;
  const sent = context.resolve(value, 'websocket', location);
  if (!sent.known) return false;
  const wanted = name.toLowerCase() === 'connection' ? 'upgrade' : 'websocket';
  return sent.value
    .toLowerCase()
    .split(/[\s,]+/)
    .includes(wanted);
}
