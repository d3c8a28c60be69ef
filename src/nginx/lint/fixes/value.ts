/** Fixes that give a directive another value in one location, or everywhere it comes from. */

import type { Fix } from '../../../base/diagnostic.ts';
import type { Location } from '../../effective/model.ts';
import { unreadIn } from '../../effective/unread.ts';
import type { Statement } from '../../syntax/tree.ts';
import type { LintContext } from '../rule.ts';
import { replaceArguments } from './edit.ts';
import { insertLines } from './headers.ts';

/**
 * Sets a plain directive for one location: its own line is replaced, an inherited or missing one gets a line in the
 * location, so that others keep what they have.
 */
export function valueFix(
  context: LintContext,
  location: Location,
  { name, args, title }: { name: string; args: readonly string[]; title?: string },
): { fix: Fix } | undefined {
  const present = context.value(location, name);
  const words = [name, ...args];
  const shown = title ?? `set ${words.join(' ')}`;
  const own = present.statements.at(-1);
  if (present.origin === 'own' && own !== undefined) {
    const safe = !context.isShared(own.directive);
    return { fix: { title: shown, safe, edits: [replaceArguments(own.directive, args)] } };
  }
  if (location.kind !== 'location' || location.statement === null) return undefined;
  // What is included in the location itself may have the line already, and nginx refuses a second one.
  const safe = unreadIn(context.effective, location).length === 0;
  return { fix: { title: shown, safe, edits: [insertLines(location, [words])] } };
}

/** Changes a statement where it stands, for all blocks that inherit it. */
export function statementFix(statement: Statement, args: readonly string[]): { fix: Fix } {
  const { directive } = statement;
  const title = `write ${[directive.name, ...args].join(' ')}`;
  return { fix: { title, safe: true, edits: [replaceArguments(directive, args)] } };
}
