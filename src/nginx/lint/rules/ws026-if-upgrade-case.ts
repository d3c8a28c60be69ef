import type { Statement } from '../../syntax/tree.ts';
import { type Condition, conditionOf, type Operator } from '../condition.ts';
import { replaceWord } from '../fixes/edit.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';

export const ifUpgradeCase: Rule = {
  id: 'ws026-if-upgrade-case',
  severity: 'warning',
  title: 'a condition tells "WebSocket" from "websocket"',
  why: 'The value of Upgrade is compared without case (RFC 6455, 4.2.1), and some clients write "WebSocket". In an if, =, != and ~ look at the case of letters; ~* and the literal keys of a map do not.',
  evidence:
    'Seen with nginx 1.22.1: if ($http_upgrade != "websocket") turns "Upgrade: WebSocket" away, while a map matches it.',
  help: 'compare with ~* or !~*, or with a map',
  bad: `
location /ws {
    if ($http_upgrade != "websocket") {
        return 426;
    }
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
}`,
  good: `
location /ws {
    if ($http_upgrade !~* "^websocket$") {
        return 426;
    }
    proxy_pass http://backend;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $websocket_upgrade;
    proxy_set_header Connection $websocket_connection;
    proxy_read_timeout 10m;
}`,
  *check(context) {
    for (const at of context.statements('if')) {
      const condition = conditionOf(at.directive);
      const found = condition === null ? undefined : inIf(at, condition);
      if (found !== undefined) yield found;
    }
    yield* inMaps(context);
  },
};

/** Both values are tokens that any case of letters may stand for. */
const tokens: Readonly<Record<string, RegExp>> = { $http_upgrade: /^websocket$/i, $http_connection: /^upgrade$/i };

const withoutCase: Partial<Record<Operator, Operator>> = { '=': '~*', '!=': '!~*', '~': '~*', '!~': '!~*' };

function inIf(at: Statement, { subject, compare }: Condition): Finding | undefined {
  const operator = compare === null ? undefined : withoutCase[compare.operator];
  const token = Object.hasOwn(tokens, subject) ? tokens[subject]! : null;
  if (compare === null || operator === undefined || token === null) return undefined;
  const bare = compare.value.replace(/^\^|\$$/g, '');
  if (!token.test(bare)) return undefined;
  // A browser's Connection may hold more words, so that one is searched for its word.
  const pattern = subject === '$http_upgrade' ? `^${bare.toLowerCase()}$` : bare.toLowerCase();
  const edit = { file: at.directive.file.path, ...compare.span, text: `${operator} "${pattern}"` };
  return {
    at,
    message: `"${subject} ${compare.operator} ${compare.value}" looks at the case of letters`,
    fix: { title: `compare with ${operator}`, safe: true, edits: [edit] },
  };
}

function* inMaps({ effective }: LintContext): Iterable<Finding> {
  for (const { source, entries } of effective.maps.values()) {
    const token = Object.hasOwn(tokens, source.toLowerCase()) ? tokens[source.toLowerCase()]! : null;
    for (const { statement, key, regex } of token === null ? [] : entries) {
      if (!regex || key.startsWith('~*') || !token!.test(key.slice(1).replace(/^\^|\$$/g, ''))) continue;
      const { directive } = statement;
      yield {
        at: statement,
        message: `"${key}" looks at the case of letters`,
        fix: {
          title: 'match without case',
          safe: true,
          edits: [replaceWord(directive, 0, `~*${directive.name.slice(1)}`)],
        },
      };
    }
  }
}
