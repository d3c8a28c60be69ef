/** One word of a filter with its place in the text, UTF-16 units from 0, `end` exclusive. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly not: boolean;
  /** What stands before the operator; null for a bare word. */
  readonly name: string | null;
  readonly operator: Operator | null;
  /** Unquoted. */
  readonly value: string;
  readonly valueStart: number;
  /** A quoted value is taken as it stands: no `*`, no comma, no range. */
  readonly quoted: boolean;
  /** False when a quote was opened and not closed. */
  readonly closed: boolean;
}

export type Operator = ':' | '~' | '>' | '<' | '>=' | '<=' | '=' | '!=';

const head = /([-!]?)(?:([A-Za-z_][\w.-]*)(>=|<=|!=|[:~><=]))?/y;

/** Splits at spaces, quotes (`"` with `\` before what is meant literally) included in a word. Never fails. */
export function splitFilter(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    head.lastIndex = at;
    const [whole, not, name, operator] = head.exec(text)!;
    const valueStart = at + whole.length;
    const value = text[valueStart] === '"' ? quotedAt(text, valueStart) : plainAt(text, valueStart);
    pieces.push({
      start: at,
      not: (not !== '') !== (operator === '!='),
      name: name ?? null,
      operator: (operator as Operator | undefined) ?? null,
      valueStart,
      ...value,
    });
    at = value.end;
  }
  return pieces;
}

function plainAt(text: string, start: number) {
  let end = start;
  while (end < text.length && !/\s/.test(text[end]!)) end++;
  return { value: text.slice(start, end), end, quoted: false, closed: true };
}

function quotedAt(text: string, start: number) {
  let value = '';
  let at = start + 1;
  while (at < text.length && text[at] !== '"') {
    if (text[at] === '\\' && at + 1 < text.length) at++;
    value += text[at];
    at++;
  }
  const closed = at < text.length;
  return { value, end: Math.min(text.length, at + 1), quoted: true, closed };
}
