/** What became of each line, line by line; a line that several locations inherit has one entry. */
import { readable } from '../syntax/bytes.ts';
import { whereOf } from '../syntax/place.ts';
import type { Directive, Statement } from '../syntax/tree.ts';
import type { Fate, FateKind } from './model.ts';

export interface Ledger {
  readonly kept: (statement: Statement, text: string) => void;
  readonly notNeeded: (statement: Statement, text: string) => void;
  readonly lost: (statement: Statement, text: string) => void;
  readonly has: (statement: Statement) => boolean;
  /** In the order of the text. */
  readonly fates: () => readonly Fate[];
}

interface Entry {
  outcome: FateKind;
  readonly texts: string[];
}

/** What is lost in one place is lost, though another place keeps it. */
const weight: Readonly<Record<FateKind, number>> = { 'not-needed': 0, kept: 1, lost: 2 };

/** `order`: the files as they were read. */
export function createLedger(order: readonly string[]): Ledger {
  const entries = new Map<Directive, Entry>();
  const say = (outcome: FateKind) => (statement: Statement, text: string) => {
    const entry = entries.get(statement.directive);
    if (entry === undefined) entries.set(statement.directive, { outcome, texts: [text] });
    else if (weight[outcome] > weight[entry.outcome]) {
      entry.outcome = outcome;
      entry.texts.splice(0, entry.texts.length, text);
    } else if (outcome === entry.outcome && !entry.texts.includes(text)) entry.texts.push(text);
  };
  return {
    kept: say('kept'),
    notNeeded: say('not-needed'),
    lost: say('lost'),
    has: (statement) => entries.has(statement.directive),
    fates: () => {
      const rank = new Map(order.map((file, index) => [file, index]));
      return [...entries]
        .toSorted(([a], [b]) => rank.get(a.file.path)! - rank.get(b.file.path)! || a.start - b.start)
        .map(([directive, { outcome, texts }]) => ({
          outcome,
          line: lineOfWords(directive),
          text: texts.join('; '),
          where: whereOf(directive),
        }));
    },
  };
}

/** A line as a person would quote it. */
export function lineOfWords({ words, file }: Directive): string {
  const text = file.text.slice(words[0]?.start ?? 0, words.at(-1)?.end ?? 0);
  return readable(text.replaceAll(/\s+/g, ' '), 120);
}
