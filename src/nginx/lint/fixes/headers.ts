/** Fixes that set headers of the request to the backend without losing any that is there. */

import type { Edit, Fix } from '../../../base/diagnostic.ts';
import type { BackendHeader, Location } from '../../effective/model.ts';
import type { Statement } from '../../syntax/tree.ts';
import type { LintContext } from '../rule.ts';
import { insertAfter, insertInto, type NewLine, replaceWord } from './edit.ts';
import { fixLater } from './later.ts';

/** Names and values, in the order in which they are to be written. */
export type Headers = readonly (readonly [name: string, value: string])[];

/**
 * The edits that make these headers part of what the location sends. Where the location has a line of that name, its
 * value is replaced. Where it inherits its lines, all of them are repeated in it, because a line of its own would lose
 * them. Null in an `if`, which takes no proxy_set_header.
 */
export function setHeaders(context: LintContext, location: Location, headers: Headers): readonly Edit[] | null {
  if (!takesHeaders(location)) return null;
  const present = context.value(location, 'proxy_set_header');
  if (present.origin === 'inherited') {
    const wanted = new Set(headers.map(([name]) => name.toLowerCase()));
    const kept = present.rows.filter(([name = '']) => !wanted.has(name.toLowerCase()));
    return [insertLines(location, [...kept, ...headers].map(headerLine))];
  }
  // A line without a value is refused by nginx, and has nothing to replace.
  const rows = present.origin === 'own' ? present.statements.filter(({ directive }) => directive.args.length > 1) : [];
  const replaced = headers.flatMap(([name, value]) => rows.filter(isHeader(name)).map((row) => [row, value] as const));
  const added = headers.filter(([name]) => !rows.some(isHeader(name)));
  return [
    ...replaced.map(([row, value]) => replaceWord(row.directive, 2, value)),
    ...(added.length > 0 ? [insertLines(location, added.map(headerLine))] : []),
  ];
}

/** An `if` takes no proxy_set_header, and of a fragment there is no block to write in. */
function takesHeaders({ kind, statement }: Location): boolean {
  return kind === 'location' && statement !== null;
}

/**
 * A fix out of edits; null without any. In a fragment, lines that are inherited from elsewhere could get lost, so there
 * it is not safe.
 */
export function headersFix(
  context: LintContext,
  location: Location,
  { title, headers, edits = [] }: { title: string; headers: Headers; edits?: readonly Edit[] },
): { fix: Fix } | undefined {
  if (!takesHeaders(location)) return undefined;
  const doubt = context.doubt(location, 'proxy_set_header');
  const safe = doubt !== null && doubt.unless === undefined;
  return { fix: fixLater(title, safe, () => [...edits, ...(setHeaders(context, location, headers) ?? [])]) };
}

/** The header of that name as the backend gets it, the last one when there are several. */
export function headerNamed(headers: readonly BackendHeader[], name: string): BackendHeader | undefined {
  return headers.findLast((header) => header.key === name);
}

/** Puts lines into a location: behind the last line of its kind that stands in it, else behind proxy_pass. */
export function insertLines(location: Location, lines: readonly NewLine[]): Edit {
  const directive = location.statement!.directive;
  const name = lines[0]![0]!;
  const anchors = [name, 'proxy_http_version', 'proxy_pass'].flatMap((each) =>
    (location.own.get(each) ?? []).filter((statement) => statement.directive.parent === directive).slice(-1),
  );
  return anchors[0] === undefined ? insertInto(directive, lines) : insertAfter(anchors[0].directive, lines);
}

function headerLine(header: readonly string[]): NewLine {
  return ['proxy_set_header', ...header];
}

function isHeader(name: string): (row: Statement) => boolean {
  return (row) => row.directive.args[0]?.toLowerCase() === name.toLowerCase();
}
