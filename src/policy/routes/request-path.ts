/**
 * The path of a request as segments to compare with routes. The request that goes on to the server is never touched:
 * this is a copy, normalised once. What is percent-encoded is decoded once, so `%252e` is the text `%2e` and not a dot.
 *
 * Servers disagree about `..`, `%2e%2e`, `%2f` and `\`, and some (Tomcat, Jetty) drop what follows a `;` in a segment.
 * So such a path has several readings, and whoever routes must find the same route by all of them; otherwise
 * `/chat/../admin`, or `/chat/..;/admin`, could be let in as chat and served as admin, or the other way round.
 */
export interface RequestPath {
  /**
   * Empty segments merged (as nginx's merge_slashes), `.` and `..` resolved, encoded slashes and backslashes taken as
   * slashes.
   */
  readonly resolved: readonly string[];
  /** The same path with `.`, `..`, encoded slashes and backslashes as ordinary text; null when it would not differ. */
  readonly literal: readonly string[] | null;
  /** Resolved after each segment lost its parameters, which begin with a `;`; null when there are none. */
  readonly bare: readonly string[] | null;
}

/** `target` is the request target, query included. null when it does not begin with a slash or is not well encoded. */
export function readRequestPath(target: string): RequestPath | null {
  if (target[0] !== '/') return null;
  const path = pathOf(target);
  // Nearly every path has one reading.
  if (!unusual.test(path)) return { resolved: nonEmpty(path), literal: null, bare: null };
  const literal: string[] = [];
  const resolved: string[] = [];
  const bare: string[] = [];
  let ambiguous = false;
  let parameters = false;
  for (const part of path.split('/')) {
    const text = decodeOnce(part);
    if (text === null) return null;
    if (text !== '') literal.push(text);
    for (const segment of separator.test(text) ? text.split(separator) : [text]) {
      step(resolved, segment);
      const semicolon = segment.indexOf(';');
      step(bare, semicolon === -1 ? segment : segment.slice(0, semicolon));
      if (semicolon !== -1) parameters = true;
      if (segment === '.' || segment === '..' || segment.length !== text.length) ambiguous = true;
    }
  }
  return { resolved, literal: ambiguous ? literal : null, bare: parameters ? bare : null };
}

function step(path: string[], segment: string): void {
  if (segment === '..') path.pop();
  else if (segment !== '' && segment !== '.') path.push(segment);
}

const separator = /[\\/]/;
/** What is encoded, separates in another way, has parameters, is a control character, or a segment of dots. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
const unusual = /[%\\;\x00-\x1f\x7f]|\/\.\.?(?:\/|$)/;

function nonEmpty(path: string): string[] {
  const segments: string[] = [];
  for (let start = 1; start < path.length; ) {
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    if (end > start) segments.push(path.slice(start, end));
    start = end + 1;
  }
  return segments;
}

/**
 * Segments of a route's path, in the same form: `/chat` and `/chat/` are the same, Unicode as its UTF-8 bytes,
 * percent-encoding decoded. `.` and `..` have no meaning in a route and match nothing.
 */
export function routeSegments(path: string): readonly string[] {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => decodeOnce(asBytes(segment)) ?? segment);
}

function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}

/**
 * Percent-decodes to bytes, one character for each byte. null for a `%` without two hexadecimal digits and for control
 * characters, which no honest client sends and which servers cut paths at.
 */
function decodeOnce(text: string): string | null {
  let decoded = '';
  for (let index = 0; index < text.length; index++) {
    let character = text.charCodeAt(index);
    if (character === 0x25) {
      const high = hexadecimal(text.charCodeAt(index + 1));
      const low = hexadecimal(text.charCodeAt(index + 2));
      if (high === -1 || low === -1) return null;
      character = high * 16 + low;
      index += 2;
    }
    if (character < 0x20 || character === 0x7f) return null;
    decoded += String.fromCharCode(character);
  }
  return decoded;
}

/** One character for each byte of the UTF-8 form, which is how Node hands over a request target. */
function asBytes(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

function hexadecimal(character: number): number {
  if (character >= 0x30 && character <= 0x39) return character - 0x30;
  const letter = character | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
