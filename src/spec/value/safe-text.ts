import type { Parsed } from '../../base/units.ts';

/** Names of upstreams: they appear in nginx files, metrics labels and URLs of the control API. */
export function parseName(text: string): Parsed<string> {
  return /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(text)
    ? { ok: true, value: text }
    : {
        ok: false,
        problem: `${quotedText(text)} is not a name; names begin with a letter and hold at most 64 letters, digits, dots, dashes and underscores`,
      };
}

/**
 * Names of routes: as above, and what hosts and paths are written with, because that is what a route is called by
 * default.
 */
export function parseRouteName(text: string): Parsed<string> {
  return /^[A-Za-z0-9/*_[][A-Za-z0-9/*_.:~%@+\-[\]]{0,255}$/.test(text)
    ? { ok: true, value: text }
    : {
        ok: false,
        problem: `${quotedText(text)} is not a route name; use at most 256 letters, digits and / * _ . : ~ % @ + - [ ]`,
      };
}

/**
 * A path to match requests against: whole segments, percent-encoded as in a request line. Segments that servers read in
 * two ways (`..`, an encoded slash) are refused, since a route on them would match nothing or the wrong thing.
 */
export function parseMatchPath(text: string): Parsed<string> {
  const problem = (what: string): Parsed<string> => ({ ok: false, problem: `${quotedText(text)} ${what}` });
  if (!text.startsWith('/')) return problem(`does not begin with a slash; write "/${text}"`);
  if (text.length > 1024) return problem('is longer than 1024 characters');
  if (/[?#]/.test(text)) return problem('has a query or a fragment; a route matches the path only');
  if (/[*]$/.test(text)) return problem('ends in a *; a path matches everything below it anyway, so leave the * out');
  if (!/^[\x21-\x7e]*$/.test(text)) {
    const encoded = hasControlCharacters(text) || /\p{Surrogate}/u.test(text) ? '' : `: ${encodeURI(text)}`;
    return problem(`has a character that a request line cannot have; write it percent-encoded${encoded}`);
  }
  if (/["'`\\;{}<>^|]/.test(text))
    return problem('has one of " \' ` \\ ; { } < > ^ |, which must be percent-encoded in a path');
  if (/%(?![\da-f]{2})/i.test(text)) return problem('has a % that is not followed by two hexadecimal digits');
  if (/%(?:2f|5c|7f|[01][\da-f])/i.test(text))
    return problem('has an encoded slash or control character, which servers read in two ways');
  if (text.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)))
    return problem('has a segment . or .., which is gone by the time a path is matched');
  return { ok: true, value: text };
}

/** A header's name (RFC 9110, 5.1), lower case. */
export function parseHeaderName(text: string): Parsed<string> {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(text)
    ? { ok: true, value: text.toLowerCase() }
    : { ok: false, problem: `${quotedText(text)} is not a header name` };
}

/** The name of a cookie (RFC 6265, 4.1.1) or of a query argument. */
export function parseParameterName(text: string): Parsed<string> {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/.test(text)
    ? { ok: true, value: text }
    : { ok: false, problem: `${quotedText(text)} is not a cookie or query name` };
}

/** A path on disk or a command: any text of one line. */
export function parseLine(text: string): Parsed<string> {
  if (text.trim() === '') return { ok: false, problem: 'is empty' };
  if (text.length > 4096) return { ok: false, problem: 'is longer than 4096 characters' };
  return hasControlCharacters(text)
    ? { ok: false, problem: `${quotedText(text)} has a line end or another control character in it` }
    : { ok: true, value: text };
}

/** A token that goes into an Authorization header (RFC 6750, 2.1). */
export function parseToken(text: string): Parsed<string> {
  if (!/^[A-Za-z0-9\-._~+/]+=*$/.test(text))
    return { ok: false, problem: 'a token consists of letters, digits and - . _ ~ + /' };
  // 16 characters of base64 are 96 bits: out of reach of guessing over a network.
  return text.length >= 16
    ? { ok: true, value: text }
    : {
        ok: false,
        problem: 'the token is shorter than 16 characters, which can be guessed; openssl rand -base64 24 makes one',
      };
}

/** In quotes, with control characters made visible and long texts cut, so that it can be printed anywhere. */
export function quotedText(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}…` : text).replace(
    // JSON leaves the C1 controls, the line separators and the direction marks as they are; terminals act on them.
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function hasControlCharacters(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
  return /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text);
}
