/** Host names as browsers and HTTP write them: ASCII, lower case, labels between dots (RFC 952, RFC 1123, RFC 5890). */

/** RFC 1035, 2.3.4: 255 octets on the wire, which leaves 253 characters of text. */
const hostLengthMax = 253;
/** RFC 1035, 2.3.4. */
const labelLengthMax = 63;

/**
 * True for a name of letters, digits, `-` and `_` (which browsers accept in hosts) in labels of 1 to 63 characters. No
 * trailing dot: browsers take `a.example.` for another origin than `a.example`. A dotted IPv4 address is such a name.
 */
export function isHostName(text: string): boolean {
  if (text.length === 0 || text.length > hostLengthMax) return false;
  let labelLength = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 0x2e) {
      if (labelLength === 0) return false;
      labelLength = 0;
    } else {
      if (!isLabelCharacter(character)) return false;
      labelLength++;
      if (labelLength > labelLengthMax) return false;
    }
  }
  return labelLength > 0;
}

/** True for `[` hexadecimal digits, colons and dots `]`: the shape only, for comparing as text. */
export function isBracketedAddress(text: string): boolean {
  // The longest is an IPv6 address with a dotted tail, 45 characters, in its brackets.
  if (text.length < 4 || text.length > 47 || text[0] !== '[' || text[text.length - 1] !== ']') return false;
  for (let index = 1; index < text.length - 1; index++) {
    const character = text.charCodeAt(index);
    const hexadecimal = isDigit(character) || ((character | 0x20) >= 0x61 && (character | 0x20) <= 0x66);
    if (!hexadecimal && character !== 0x3a && character !== 0x2e) return false;
  }
  return true;
}

/** True when the last label has digits only: an IPv4 address, never a domain (WHATWG URL, "ends in a number"). */
export function endsInNumber(host: string): boolean {
  for (let index = host.length - 1; index >= 0 && host[index] !== '.'; index--) {
    if (!isDigit(host.charCodeAt(index))) return false;
  }
  return host.length > 0;
}

/**
 * A host that a person wrote, in the form in which browsers send it: lower case, Unicode as punycode (WHATWG URL,
 * "domain to ASCII"), IPv6 in its shortest form. null when it is not a host. The URL parser is the one thing here that
 * Lua does not have; it runs where the spec is compiled, not where a request is decided.
 */
export function browserHost(written: string): string | null {
  if (isHostName(written)) return written.toLowerCase();
  if (!isBracketedAddress(written) && !looksUnicode(written)) return null;
  const url = `https://${written}/`;
  if (!URL.canParse(url)) return null;
  const host = new URL(url).hostname;
  return isHostName(host) || isBracketedAddress(host) ? host : null;
}

/** The host of a Host header without its port, lower case, without one trailing dot; null when it is not a host. */
export function hostOfHeader(header: string): string | null {
  const bracket = header[0] === '[' ? header.indexOf(']') : -1;
  const colon = header.indexOf(':', bracket + 1);
  const port = colon === -1 ? '' : header.slice(colon + 1);
  if (!allDigits(port) || port.length > 5 || Number(port) > 65535) return null;
  let host = colon === -1 ? header : header.slice(0, colon);
  if (host.length > 1 && host[host.length - 1] === '.') host = host.slice(0, -1);
  return isHostName(host) || isBracketedAddress(host) ? host.toLowerCase() : null;
}

export function allDigits(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (!isDigit(text.charCodeAt(index))) return false;
  return true;
}

/** Something beyond ASCII, and nothing that would change which part of a URL is the host. */
function looksUnicode(text: string): boolean {
  let beyondAscii = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character >= 0x80) beyondAscii = true;
    else if (character !== 0x2e && !isLabelCharacter(character)) return false;
  }
  return beyondAscii;
}

function isLabelCharacter(character: number): boolean {
  const letter = character | 0x20;
  return isDigit(character) || (letter >= 0x61 && letter <= 0x7a) || character === 0x2d || character === 0x5f;
}

function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39;
}
