/**
 * Patterns of include directives, as glob(3) reads them: `*`, `?`, `[a-z]`, `[!a]`, `\x`; no wildcard matches `/` or a
 * leading dot.
 */

/** True when nginx looks for files by pattern instead of opening the path (ngx_conf_include: `*`, `?` or `[`). */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

export function globMatches(pattern: string, path: string): boolean {
  const patterns = pattern.split('/');
  const names = path.split('/');
  return patterns.length === names.length && patterns.every((part, index) => nameMatches(part, names[index]!));
}

/**
 * One file name against one part of a pattern. Greedy with one point to go back to, which is all that `*` needs, so
 * the time is at most the product of the two lengths.
 */
export function nameMatches(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  let at = 0;
  let seen = 0;
  let star = -1;
  let starName = 0;
  while (seen < name.length) {
    if (pattern[at] === '*') {
      star = at++;
      starName = seen;
      continue;
    }
    const step = at < pattern.length ? matchOne(pattern, at, name[seen]!) : 0;
    if (step > 0) {
      at += step;
      seen++;
    } else if (star >= 0) {
      at = star + 1;
      seen = ++starName;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** How many letters of the pattern match this letter; 0 when they do not. */
function matchOne(pattern: string, at: number, letter: string): number {
  const mark = pattern[at]!;
  if (mark === '?') return 1;
  if (mark === '\\' && at + 1 < pattern.length) return pattern[at + 1] === letter ? 2 : 0;
  if (mark === '[') {
    const close = pattern.indexOf(']', at + (/^\[[!^]/.test(pattern.slice(at, at + 2)) ? 3 : 2));
    if (close > 0) return inClass(pattern.slice(at + 1, close), letter) ? close + 1 - at : 0;
  }
  return mark === letter ? 1 : 0;
}

function inClass(text: string, letter: string): boolean {
  const negated = text.startsWith('!') || text.startsWith('^');
  const members = negated ? text.slice(1) : text;
  let found = false;
  for (let at = 0; at < members.length; at++) {
    const last = members[at + 1] === '-' && at + 2 < members.length ? members[at + 2]! : members[at]!;
    if (letter >= members[at]! && letter <= last) found = true;
    if (members[at + 1] === '-' && at + 2 < members.length) at += 2;
  }
  return found !== negated;
}
