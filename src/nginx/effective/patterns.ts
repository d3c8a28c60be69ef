/** nginx's regular expressions (PCRE), as far as JavaScript can run them without risk. */

/** Longer texts are not tried: what is matched here is a path or a header's value. */
const textMax = 256;
/** With three unbounded repetitions, a text of that length takes at most some ten million steps. */
const repetitionsMax = 3;

export type MatchOutcome =
  | { readonly certain: true; readonly groups: RegExpExecArray | null }
  | { readonly certain: false };

/** Matches a text, or says that it cannot tell: the pattern is not JavaScript's, or could take very long. */
export function matchPattern(pattern: string, text: string, options: { readonly ignoreCase: boolean }): MatchOutcome {
  if (text.length > textMax) return { certain: false };
  const compiled = compile(pattern, options.ignoreCase);
  return compiled === null ? { certain: false } : { certain: true, groups: compiled.exec(text) };
}

/** The same pattern is asked again and again, once for each location that is looked for. */
const compiledPatterns = new Map<string, RegExp | null>();
const compiledMax = 2000;

function compile(pattern: string, ignoreCase: boolean): RegExp | null {
  const key = `${ignoreCase ? 'i' : ''} ${pattern}`;
  const known = compiledPatterns.get(key);
  if (known !== undefined) return known;
  if (compiledPatterns.size >= compiledMax) compiledPatterns.clear();
  const made = isTame(pattern.replace(labels, 'a+')) ? tryCompile(pattern, ignoreCase) : null;
  compiledPatterns.set(key, made);
  return made;
}

/**
 * `([a-z0-9-]+\\.)+`, any number of labels of a host: each ends at its dot, so that there is one way to take a text
 * apart.
 */
const labels = /\((?:\?:)?\[[\w-]+\]\+\\\.\)[+*]/g;

function tryCompile(pattern: string, ignoreCase: boolean): RegExp | null {
  const inline = /^\(\?i\)/.test(pattern);
  const source = pattern
    .replace(/^\(\?i\)/, '')
    .replace(/\(\?P</g, '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\[zZ]/g, '$');
  try {
    return new RegExp(source, ignoreCase || inline ? 'i' : '');
  } catch {
    // PCRE knows constructs that JavaScript does not; the caller is told that nothing is certain.
    return null;
  }
}

/**
 * False when a repetition stands around another repetition or a choice, or there are many: those can take exponential
 * time.
 */
function isTame(pattern: string): boolean {
  let repetitions = 0;
  const groups: { risky: boolean }[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at]!;
    if (letter === '\\') at++;
    else if (letter === '[') at = endOfClass(pattern, at);
    else if (letter === '(') groups.push({ risky: false });
    else if (letter === '|') markAll(groups);
    else if (letter === ')') {
      const closed = groups.pop();
      if (closed?.risky && /^(?:[*+]|\{\d*,\})/.test(pattern.slice(at + 1, at + 12))) return false;
    } else if (letter === '*' || letter === '+' || /^\{\d*,\}/.test(pattern.slice(at, at + 10))) {
      repetitions++;
      markAll(groups);
    }
  }
  return repetitions <= repetitionsMax;
}

function markAll(groups: { risky: boolean }[]): void {
  for (const group of groups) group.risky = true;
}

function endOfClass(pattern: string, from: number): number {
  for (let at = from + (pattern[from + 1] === '^' ? 3 : 2); at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === ']') return at;
  }
  return pattern.length;
}
