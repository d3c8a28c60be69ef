import { type Condition, conditionOf } from '../../effective/condition.ts';
import type { VariableMap } from '../../effective/model.ts';
import { whereOf } from '../../syntax/place.ts';
import type { Statement } from '../../syntax/tree.ts';
import { remove, replaceWord } from '../fixes/edit.ts';
import { conditionsAround, holdsFor, refuses } from '../guards.ts';
import { type OriginPattern, strangerLetIn, tightened } from '../origin-pattern.ts';
import type { Finding, LintContext, Rule } from '../rule.ts';
import { soundLocation } from '../sound.ts';

export const originRegexLoose: Rule = {
  id: 'ws043-origin-regex-loose',
  severity: 'error',
  title: 'the check of Origin lets strangers in',
  why: 'A regular expression matches anywhere unless it is bound with ^ and $, and an unescaped dot is any letter. Whoever registers a fitting name can then open WebSockets with the cookies of your users. The origin "null" comes from every sandboxed frame and every local file.',
  evidence:
    'Seen with nginx 1.22.1: ~example.com accepts https://example.com.evil.net and https://evilexampleXcom.net.',
  help: 'write ^https://, escape the dots, end with $; list exact origins where there are few; leave "null" out',
  exampleIn: 'http',
  bad: `
map $http_origin $origin_allowed {
    default 0;
    "" 1;
    "~^https://app.example.com" 1;
}
server {
    listen 80;
${soundLocation('location /ws', { first: ['if ($origin_allowed = 0) {', '    return 403;', '}'], indent: 4 })}
}`,
  good: `
map $http_origin $origin_allowed {
    default 0;
    "" 1;
    "~^https://app\\.example\\.com$" 1;
}
server {
    listen 80;
${soundLocation('location /ws', { first: ['if ($origin_allowed = 0) {', '    return 403;', '}'], indent: 4 })}
}`,
  *check(context) {
    const known: Known = new Map();
    for (const { location } of context.webSockets) {
      for (const at of conditionsAround(location)) {
        const condition = conditionOf(at.directive);
        if (condition === null) continue;
        if (condition.subject === '$http_origin') yield* inCondition(at, condition);
        else yield* inMap(context, { at, condition, known });
      }
    }
  },
};

/** `if ($http_origin !~ …) { return 403; }`, and `if ($http_origin ~ …)` around anything that does not refuse. */
function* inCondition(at: Statement, { compare }: Condition): Iterable<Finding> {
  if (compare === null || !compare.operator.includes('~')) return;
  if (compare.operator.startsWith('!') !== refuses(at)) return;
  const pattern = { pattern: compare.value, ignoreCase: compare.operator.endsWith('*') };
  const stranger = strangerLetIn(pattern);
  if (stranger === null) return;
  const better = tightened(pattern);
  const edit = (text: string) => ({
    file: at.directive.file.path,
    ...compare.span,
    text: `${compare.operator} "${text.replace(/"/g, '\\"')}"`,
  });
  yield {
    at,
    message: `"${compare.value}" lets ${stranger} in`,
    ...(better !== null && { fix: { title: `match "${better}"`, safe: isBound(pattern), edits: [edit(better)] } }),
  };
}

/** A map whose default is refused here; what it gives another value to is let in. */
function* inMap(
  { effective }: LintContext,
  { at, condition, known }: { at: Statement; condition: Condition; known: Known },
): Iterable<Finding> {
  const map = effective.maps.get(condition.subject);
  if (map === undefined || !/^\$\{?http_origin\}?$/i.test(map.source) || !refuses(at)) return;
  if (holdsFor(condition, map.default?.value ?? '') !== true) return;
  for (const entry of map.entries) {
    if (holdsFor(condition, entry.value) !== false) continue;
    const found = known.get(entry) ?? { finding: entry.regex ? looseEntry(entry) : nullEntry(entry) };
    known.set(entry, found);
    if (found.finding !== null)
      yield { ...found.finding, related: [{ message: 'asked here', where: whereOf(at.directive) }] };
  }
}

type Entry = VariableMap['entries'][number];
/** A map is asked by many locations, and each of its patterns is tried once. */
type Known = Map<Entry, { readonly finding: Finding | null }>;

function looseEntry({ statement, key }: Entry): Finding | null {
  const ignoreCase = key.startsWith('~*');
  const mark = ignoreCase ? '~*' : '~';
  const pattern = { pattern: key.slice(mark.length), ignoreCase };
  const stranger = strangerLetIn(pattern);
  if (stranger === null) return null;
  const better = tightened(pattern);
  return {
    at: statement,
    message: `"${key}" lets ${stranger} in`,
    ...(better !== null && {
      fix: {
        title: `match "${better}"`,
        safe: isBound(pattern),
        edits: [replaceWord(statement.directive, 0, mark + better)],
      },
    }),
  };
}

function nullEntry({ statement, key }: Entry): Finding | null {
  if (key.toLowerCase() !== 'null') return null;
  return {
    at: statement,
    message: '"null" is the origin of every sandboxed frame and every local file',
    // An application that is loaded from a file may have been meant.
    fix: { title: 'take "null" out', safe: false, edits: [remove(statement.directive)] },
  };
}

/** With its start bound, nothing but strangers is lost by binding the rest. */
function isBound({ pattern }: OriginPattern): boolean {
  return /^\(*\^/.test(pattern);
}
