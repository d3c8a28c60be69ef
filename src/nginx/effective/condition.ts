/** The condition of an `if`, taken apart as nginx does it (ngx_http_rewrite_if_condition). */

import type { Directive, Span } from '../syntax/tree.ts';

export type ConditionOperator = '=' | '!=' | '~' | '~*' | '!~' | '!~*';

export interface Condition {
  /** The variable, with its `$`. */
  readonly subject: string;
  /** Null for a variable on its own: true unless it is empty or 0. */
  readonly compare: {
    readonly operator: ConditionOperator;
    readonly value: string;
    /** From the operator to the end of the value, without the parenthesis. */
    readonly span: Span;
  } | null;
}

/** Null for tests of files, and for what nginx refuses. */
export function conditionOf({ args, words }: Pick<Directive, 'args' | 'words'>): Condition | null {
  const texts = [...args];
  const last = texts.length - 1;
  if (last < 0 || !texts[0]!.startsWith('(') || !texts[last]!.endsWith(')')) return null;
  texts[last] = texts[last]!.slice(0, -1);
  texts[0] = texts[0]!.slice(1);
  const from = texts[0] === '' ? 1 : 0;
  const to = texts[last] === '' ? last - 1 : last;
  const subject = texts[from] ?? '';
  if (!subject.startsWith('$')) return null;
  if (to === from) return { subject: subject.toLowerCase(), compare: null };
  const operator = texts[from + 1] ?? '';
  if (to !== from + 2 || !isOperator(operator)) return null;
  // A parenthesis that is part of the value's word stands at its end.
  const end = words[to + 1]!.end - (to === last ? 1 : 0);
  const span = { start: words[from + 2]!.start, end };
  return { subject: subject.toLowerCase(), compare: { operator, value: texts[to]!, span } };
}

/** Whether the condition holds when its variable has this value; null when a regex could not be tried. */
export function holds(
  { compare }: Condition,
  value: string,
  matches: (pattern: string, text: string, options: { ignoreCase: boolean }) => boolean | null,
): boolean | null {
  if (compare === null) return value !== '' && value !== '0';
  const negated = compare.operator.startsWith('!');
  const plain = compare.operator.replace('!', '');
  const outcome =
    plain === '=' ? value === compare.value : matches(compare.value, value, { ignoreCase: plain === '~*' });
  return outcome === null ? null : outcome !== negated;
}

/** The operator that is true when this one is not. */
export const opposite: Readonly<Record<ConditionOperator, ConditionOperator>> = {
  '=': '!=',
  '!=': '=',
  '~': '!~',
  '!~': '~',
  '~*': '!~*',
  '!~*': '~*',
};

function isOperator(text: string): text is ConditionOperator {
  return Object.hasOwn(opposite, text);
}
