/**
 * One answer to `holdline explain WORD`. Claims, directives and rules all become these, so that one search finds them
 * all.
 */
import { nearest } from '../../base/nearest.ts';

export interface Explanation {
  /** What a user may type to get here, lower case: a directive, `claim 5`, a rule id. The first is its name. */
  readonly words: readonly string[];
  /** The question or the name, and the verdict, one line. */
  readonly headline: string;
  readonly why: string;
  /** What was measured or read, with the numbers; null when the reason says it all. */
  readonly seen: string | null;
  readonly instead: string;
  /** Further words that can be explained. */
  readonly see: readonly string[];
}

export interface KnownAnswer {
  readonly found: readonly Explanation[];
  /** Words near to what was asked; only when nothing was found. */
  readonly near: readonly string[];
}

/** Looks a word up among all explanations: by name first, then by the text of the headlines. */
export function lookUp(asked: string, all: readonly Explanation[]): KnownAnswer {
  const word = normal(asked);
  const byWord = all.filter((each) => each.words.some((candidate) => normal(candidate) === word));
  if (byWord.length > 0) return { found: byWord, near: [] };
  const byNumber = all.filter((each) => each.words.some((candidate) => ruleNumber(candidate) === word));
  if (byNumber.length > 0) return { found: byNumber, near: [] };
  return { found: [], near: nearWords(word, all) };
}

const nearMax = 5;

function nearWords(word: string, all: readonly Explanation[]): readonly string[] {
  const words = new Set(all.flatMap((each) => each.words));
  const best = nearest(word, words);
  const containing =
    word.length < 3
      ? []
      : [...words].filter((candidate) => {
          const plain = normal(candidate);
          return plain.includes(word) || word.split(' ').some((part) => part.length > 3 && plain.includes(part));
        });
  const inHeadline =
    word.length < 3 ? [] : all.filter((each) => normal(each.headline).includes(word)).map((each) => each.words[0]!);
  return [...new Set([...(best === undefined ? [] : [best]), ...containing, ...inHeadline])].slice(0, nearMax);
}

/** `ws014` stands for `ws014-map-close-kills-pool`. */
function ruleNumber(candidate: string): string | null {
  return /^(ws\d{3})-/.exec(candidate)?.[1] ?? null;
}

/** `Proxy-Buffering;` and `proxy_buffering` are the same question. */
function normal(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[;"'`]/g, '')
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}
