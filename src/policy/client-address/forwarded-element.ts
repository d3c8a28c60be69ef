/**
 * The Forwarded header (RFC 7239), read from its end. Each proxy appends its element on the right, so the right end is
 * well formed when the last proxy is honest, and whatever a client put in front, an unclosed quote included, cannot
 * change how it is read.
 */

export interface ForwardedElement {
  readonly for: string | null;
  readonly proto: string | null;
  readonly host: string | null;
}

/** The last element and the text in front of it (null when there is none); element null when it is not well formed. */
export function lastForwardedElement(header: string): { element: ForwardedElement | null; before: string | null } {
  let quoted = false;
  let start = header.length;
  while (start > 0) {
    const character = header[start - 1];
    if (character === ',' && !quoted) break;
    if (character === '"' && !isEscaped(header, start - 1)) quoted = !quoted;
    start--;
  }
  return {
    element: quoted ? null : readElement(header.slice(start)),
    before: start === 0 ? null : header.slice(0, start - 1),
  };
}

/** Pairs between semicolons, names without case, each at most once (RFC 7239, 4). */
function readElement(text: string): ForwardedElement | null {
  const found = new Map<string, string>();
  for (const pair of splitPairs(text)) {
    const equals = pair.indexOf('=');
    if (equals === -1) return null;
    const name = pair.slice(0, equals).trim().toLowerCase();
    const value = readValue(pair.slice(equals + 1).trim());
    if (value === null || found.has(name)) return null;
    found.set(name, value);
  }
  return { for: found.get('for') ?? null, proto: found.get('proto') ?? null, host: found.get('host') ?? null };
}

function splitPairs(text: string): string[] {
  const pairs: string[] = [];
  let quoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '"' && !isEscaped(text, index)) quoted = !quoted;
    if (text[index] === ';' && !quoted) {
      pairs.push(text.slice(start, index));
      start = index + 1;
    }
  }
  pairs.push(text.slice(start));
  return pairs;
}

/**
 * A token as it stands, or a quoted string without its quotes and backslashes. An unquoted `:` or `[` is wrong but
 * common, and clear.
 */
function readValue(text: string): string | null {
  if (text === '') return null;
  if (text[0] !== '"') return text.indexOf('"') === -1 ? text : null;
  if (text.length < 2 || text[text.length - 1] !== '"' || isEscaped(text, text.length - 1)) return null;
  let value = '';
  for (let index = 1; index < text.length - 1; index++) {
    if (text[index] === '"') return null;
    if (text[index] === '\\') index++;
    value += text[index]!;
  }
  return value;
}

/** True after an odd number of backslashes. */
function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (index - backslashes > 0 && text[index - backslashes - 1] === '\\') backslashes++;
  return backslashes % 2 === 1;
}
