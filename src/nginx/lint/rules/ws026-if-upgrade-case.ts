import { type Condition, type ConditionOperator, conditionOf } from '../../effective/condition.ts';
import type { Statement } from '../../syntax/tree.ts';
import { replaceWord } from '../fixes/edit.ts';
import { literalUpgrade } from '../handshake-maps.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const ifUpgradeCase: Rule = {
  id: 'ws026-if-upgrade-case',
  severity: 'warning',
  title: 'a condition tells "WebSocket" from "websocket"',
  why: 'The value of Upgrade is compared without case (RFC 6455, 4.2.1), and some clients write "WebSocket". In an if, =, != and ~ look at the case of letters; ~* and the literal keys of a map do not.',
  evidence:
    'Seen with nginx 1.22.1: if ($http_upgrade != "websocket") turns "Upgrade: WebSocket" away, while a map matches it.',
  help: 'compare with ~* or !~*, or with a map',
  bad: `
${soundLocation('location /ws', { first: ['if ($http_upgrade != "websocket") {', '    return 426;', '}'] })}`,
  good: `
${soundLocation('location /ws', { first: ['if ($http_upgrade !~* "^websocket$") {', '    return 426;', '}'] })}`,
  *check(context) {
    for (const at of context.statements('if')) {
      const condition = conditionOf(at.directive);
      const found = condition === null ? undefined : inIf(context, at, condition);
      if (found !== undefined) yield found;
    }
    yield* inMaps(context);
  },
};

/** Both values are tokens that any case of letters may stand for. */
const tokens: Readonly<Record<string, RegExp>> = { $http_upgrade: /^websocket$/i, $http_connection: /^upgrade$/i };

const withoutCase: Partial<Record<ConditionOperator, ConditionOperator>> = {
  '=': '~*',
  '!=': '!~*',
  '~': '~*',
  '!~': '!~*',
};

function inIf(context: LintContext, at: Statement, { subject, compare }: Condition): Finding | undefined {
  const operator = compare === null ? undefined : withoutCase[compare.operator];
  const token = Object.hasOwn(tokens, subject) ? tokens[subject]! : null;
  if (compare === null || operator === undefined || token === null) return undefined;
  if (!token.test(compare.value.replace(/^\^|\$$/g, ''))) return undefined;
  return {
    at,
    message: `"${subject} ${compare.operator} ${compare.value}" looks at the case of letters`,
    // What was a pattern before takes no more captures away as one without case.
    ...(compare.operator.includes('~') || !usesCaptures(at)
      ? byPattern(at, { subject, compare }, operator)
      : byMap(context, at, { subject, compare })),
  };
}

type Compared = Condition & { readonly compare: NonNullable<Condition['compare']> };

function byPattern(at: Statement, { subject, compare }: Compared, operator: ConditionOperator): Pick<Finding, 'fix'> {
  const bare = compare.value.replace(/^\^|\$$/g, '').toLowerCase();
  // A browser's Connection may hold more words, so that one is searched for its word.
  const pattern = subject === '$http_upgrade' ? `^${bare}$` : bare;
  const edit = { file: at.directive.file.path, ...compare.span, text: `${operator} "${pattern}"` };
  return { fix: { title: `compare with ${operator}`, safe: true, edits: [edit] } };
}

/**
 * A pattern that matches empties $1 to $9 for what follows; a map with a literal key compares without case and does
 * not.
 */
function byMap(context: LintContext, at: Statement, { subject, compare }: Compared): Pick<Finding, 'fix'> {
  const variable = subject === '$http_upgrade' ? literalUpgrade(context) : null;
  const word = at.directive.words.find(({ value }) => value.includes('$'));
  if (variable === null || word === undefined) return {};
  const { path } = at.directive.file;
  const start = word.start + at.directive.file.text.slice(word.start, word.end).indexOf('$');
  const edits = [
    ...variable.edits,
    { file: path, start, end: word.end, text: variable.value },
    { file: path, ...compare.span, text: `${compare.operator} websocket` },
  ];
  return { fix: { title: `compare ${variable.value}, which knows no case`, safe: true, edits } };
}

/** True when something of the same server, or of the location around, takes a part of a match. */
function usesCaptures(at: Statement): boolean {
  let root = at;
  while (root.parent !== null && root.directive.name !== 'server') root = root.parent;
  const pending = [root];
  for (let statement = pending.pop(); statement !== undefined; statement = pending.pop()) {
    if (statement.directive.args.some((arg) => /\$\{?[1-9]/.test(arg))) return true;
    for (const child of statement.children) pending.push(child);
  }
  return false;
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
