/**
 * Tokens and comma-separated lists of them (RFC 9110, 5.6.1 and 5.6.2), as the handshake's headers use them.
 * Empty list elements are skipped, as a recipient must.
 */

const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isToken(text: string): boolean {
  return tokenPattern.test(text);
}

/** True when the list in a header's value names the token; `token` is lower case, the list may use either case. */
export function listNames(value: string, token: string): boolean {
  // Nearly every handshake carries the one token alone, so that the list is not taken apart for it.
  if (value.length === token.length) return value.toLowerCase() === token;
  if (value.length < token.length) return false;
  return value.split(',').some((element) => trimmed(element).toLowerCase() === token);
}

/** The elements of a list of tokens in order, or null when one is no token. An empty list gives an empty array. */
export function tokensOf(value: string): string[] | null {
  const tokens: string[] = [];
  for (const element of value.split(',')) {
    const token = trimmed(element);
    if (token === '') continue;
    if (!isToken(token)) return null;
    tokens.push(token);
  }
  return tokens;
}

/** Without the spaces and tabs around it, and only those: trim() would take other blanks that HTTP does not allow. */
export function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09;
}
