import type { Edit } from '../../../base/diagnostic.ts';
import { conditionOf, opposite } from '../../effective/condition.ts';
import type { Location } from '../../effective/model.ts';
import { whereOf } from '../../syntax/place.ts';
import type { Directive, Statement } from '../../syntax/tree.ts';
import { indentAt, indentStepOf, lineEndOf, remove } from '../fixes/edit.ts';
import type { Finding, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const ifProxyReturn: Rule = {
  id: 'ws044-if-proxy-return',
  severity: 'error',
  title: 'the return behind the if runs for everybody',
  why: 'An if does not end anything: return belongs to the rewrite phase, which runs to its end before any proxy_pass is looked at. A proxy_pass inside the if is never reached.',
  evidence: 'Seen with nginx 1.22.1: if ($http_origin ~ ok) { proxy_pass …; } return 403; answers 403 to everybody.',
  help: 'turn it round: refuse in the if, and proxy behind it',
  bad: `
location /ws {
    if ($http_origin ~ "^https://app\\.example\\.com$") {
        proxy_pass http://backend;
    }
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
    return 403;
}`,
  good: `
${soundLocation('location /ws', { first: [`if ($http_origin !~ "^https://app\\.example\\.com$") {`, '    return 403;', '}'] })}`,
  *check(context) {
    for (const { location, proxy } of context.webSockets) {
      const back = location.parent.own.get('return')?.[0];
      if (location.kind !== 'if' || back === undefined || leavesEarly(location)) continue;
      yield {
        at: back,
        message: `this runs for every request, also when "${location.label}" is true`,
        related: [{ message: 'never reached', where: whereOf(proxy.statement.directive) }],
        about: location,
        ...fixOf(location, back),
      };
    }
  },
};

/** `break` and some rewrites end the rewrite phase, and then the return is not run. */
function leavesEarly({ own }: Location): boolean {
  return (
    own.has('break') ||
    own.has('return') ||
    (own.get('rewrite') ?? []).some(({ directive }) => directive.args.length > 2)
  );
}

/** The condition turned round with the return inside, and what it held behind it. */
function fixOf({ statement, parent }: Location, back: Statement): Pick<Finding, 'fix'> {
  const directive = statement!.directive;
  const condition = conditionOf(directive);
  const inside = directive.block?.directives ?? [];
  const isSimple =
    condition?.compare != null && inside.every(({ name, block }) => name.startsWith('proxy_') && block === null);
  const others = parent.own.get('if')?.length !== 1 || parent.own.get('return')?.length !== 1;
  if (!isSimple || others || back.directive.file !== directive.file) return {};
  const { operator, value } = condition.compare!;
  const turned = `(${condition.subject} ${opposite[operator]} "${value.replace(/"/g, '\\"')}")`;
  const edits = [whole(directive, { turned, back: back.directive, inside }), remove(back.directive)];
  return { fix: { title: 'refuse in the if, and proxy behind it', safe: true, edits } };
}

function whole(
  directive: Directive,
  { turned, back, inside }: { turned: string; back: Directive; inside: readonly Directive[] },
): Edit {
  const { file, start, end } = directive;
  const lineEnd = lineEndOf(file);
  const indent = indentAt(file, start);
  const own = (each: Directive) => file.text.slice(each.start, each.end);
  const lines = [`if ${turned} {`, `${indentStepOf(file)}${own(back)}`, '}', ...inside.map(own)];
  return { file: file.path, start, end, text: lines.join(lineEnd + indent) };
}
