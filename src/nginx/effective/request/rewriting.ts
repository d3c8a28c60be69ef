/**
 * The rewrite phase: set, if, rewrite, return and break, in the order in which they stand (ngx_http_rewrite_module).
 */

import type { Statement } from '../../syntax/tree.ts';
import { conditionOf } from '../condition.ts';
import type { Location } from '../model.ts';
import type { Outcome } from './model.ts';
import { evaluate, matchAndCapture, type State } from './state.ts';

/** `last` begins the search for a location anew; null goes on to the next phase. */
export type Rewritten = Outcome | 'last' | null;

interface Phase {
  readonly state: State;
  /** A rewrite without a flag changes the path, and the search is done after the last line. */
  changed: boolean;
}

type Ended = Outcome | 'last' | 'break' | null;

/** `blocks` are the `if` blocks of the location, which count as locations when they are true. */
export function rewritten(state: State, statements: readonly Statement[], blocks: readonly Location[]): Rewritten {
  const phase: Phase = { state, changed: false };
  const ended = run(phase, statements, blocks);
  if (ended === 'break') return phase.changed ? 'last' : null;
  return ended ?? (phase.changed ? 'last' : null);
}

function run(phase: Phase, statements: readonly Statement[], blocks: readonly Location[]): Ended {
  for (const statement of statements) {
    const ended = step(phase, statement, blocks);
    if (ended !== null) return ended;
  }
  return null;
}

function step(phase: Phase, statement: Statement, blocks: readonly Location[]): Ended {
  const { state } = phase;
  const { name, args } = statement.directive;
  switch (name) {
    case 'set':
      state.variables.set((args[0] ?? '').slice(1).toLowerCase(), evaluate(state, args[1] ?? ''));
      return null;
    case 'break':
      return 'break';
    case 'return':
      return answer(state, statement);
    case 'rewrite':
      return rewrite(phase, statement);
    case 'if': {
      if (!isTrue(state, statement)) return null;
      state.steps.push({ text: `if ${args.join(' ')} is true`, statement, certain: true });
      // A true "if" is a location of its own, and the last of them counts.
      state.block = blocks.find((block) => block.statement === statement) ?? state.block;
      return run(phase, statement.children, blocks);
    }
    default:
      if (/^(?:server_)?(?:rewrite|access)_by_lua/.test(name))
        state.steps.push({ text: `${name} may do something else`, statement, certain: false });
      return null;
  }
}

function isTrue(state: State, statement: Statement): boolean {
  const unsure = (why: string) => {
    state.steps.push({
      text: `if ${statement.directive.args.join(' ')} is taken for false: ${why}`,
      statement,
      certain: false,
    });
    return false;
  };
  const condition = conditionOf(statement.directive);
  if (condition === null) return unsure('it depends on files');
  const subject = evaluate(state, condition.subject);
  if (!subject.known) return unsure(`${subject.text} is not known`);
  const { compare } = condition;
  if (compare === null) return subject.text !== '' && subject.text !== '0';
  const isNegated = compare.operator.startsWith('!');
  if (!compare.operator.includes('~')) {
    const other = evaluate(state, compare.value);
    if (!other.known) return unsure(`${other.text} is not known`);
    return (subject.text === other.text) !== isNegated;
  }
  const matched = matchAndCapture(state, compare.value, subject.text, { ignoreCase: compare.operator.endsWith('*') });
  return matched === null ? unsure(`${compare.value} could not be tried`) : matched !== isNegated;
}

function rewrite(phase: Phase, statement: Statement): Ended {
  const { state } = phase;
  const [pattern = '', to = '', flag] = statement.directive.args;
  const matched = matchAndCapture(state, pattern, state.path, { ignoreCase: false });
  if (matched === null) state.steps.push({ text: `rewrite ${pattern} could not be tried`, statement, certain: false });
  if (matched !== true) return null;
  const made = evaluate(state, to);
  const isAbsolute = /^(?:https?:\/\/|\$scheme)/.test(to);
  if (isAbsolute || flag === 'redirect' || flag === 'permanent')
    return { kind: 'answered', status: flag === 'permanent' ? 301 : 302, text: made, statement };
  const mark = made.text.indexOf('?');
  const path = mark < 0 ? made.text : made.text.slice(0, mark);
  const own = mark < 0 ? '' : made.text.slice(mark + 1);
  state.path = path;
  // A question mark at the end keeps the old query away.
  state.query = mark >= 0 && own === '' ? '' : [own, state.query].filter((part) => part !== '').join('&');
  state.isUnchanged = false;
  state.steps.push({ text: `the path becomes ${made.text}`, statement, certain: made.known });
  if (flag === 'last') return 'last';
  if (flag === 'break') {
    state.replacesLocation = false;
    phase.changed = false;
    return 'break';
  }
  phase.changed = true;
  return null;
}

function answer(state: State, statement: Statement): Outcome {
  const [first = '', second = ''] = statement.directive.args;
  const isCode = /^\d+$/.test(first);
  return {
    kind: 'answered',
    status: isCode ? Number(first) : 302,
    text: evaluate(state, isCode ? second : first),
    statement,
  };
}
