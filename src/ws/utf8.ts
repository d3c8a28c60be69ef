/**
 * UTF-8 (RFC 3629) checked piece by piece, failing at the first byte that cannot be right: overlong forms, surrogates
 * and anything above U+10FFFF are refused. The state between two pieces is one number, so that a connection that is
 * not in the middle of a text holds nothing.
 */

/** Between two characters: where a text begins, and the only state in which it may end. */
export const utf8Start = 0;
/** Not UTF-8; no further byte mends it. */
export const utf8Invalid = -1;

/**
 * States inside a character: how many bytes are missing, and for the four lead bytes whose second byte has a narrower
 * range (RFC 3629, 4) which range that is.
 */
const oneMore = 1;
const twoMore = 2;
const threeMore = 3;
const afterE0 = 4;
const afterED = 5;
const afterF0 = 6;
const afterF4 = 7;

/** For each state: the range of the next byte, and the state after it. */
const low = [0, 0x80, 0x80, 0x80, 0xa0, 0x80, 0x90, 0x80];
const high = [0, 0xbf, 0xbf, 0xbf, 0xbf, 0x9f, 0xbf, 0x8f];
const next = [utf8Start, utf8Start, oneMore, twoMore, oneMore, oneMore, twoMore, twoMore];

/** Reads `bytes[start..end)` from `state` on and returns the state after it. */
export function checkUtf8(state: number, bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let i = start;
  let current = state;
  while (i < end) {
    if (current === utf8Start) {
      i = skipAscii(bytes, i, end);
      if (i === end) return utf8Start;
      current = afterLead(bytes[i]!);
      if (current === utf8Invalid) return utf8Invalid;
    } else {
      if (current === utf8Invalid) return utf8Invalid;
      const byte = bytes[i]!;
      if (byte < low[current]! || byte > high[current]!) return utf8Invalid;
      current = next[current]!;
    }
    i++;
  }
  return current;
}

/** True when the bytes are one whole text. */
export function isUtf8(bytes: Uint8Array): boolean {
  return checkUtf8(utf8Start, bytes) === utf8Start;
}

function afterLead(byte: number): number {
  if (byte < 0xc2) return utf8Invalid;
  if (byte < 0xe0) return oneMore;
  if (byte < 0xf0) return byte === 0xe0 ? afterE0 : byte === 0xed ? afterED : twoMore;
  if (byte > 0xf4) return utf8Invalid;
  return byte === 0xf0 ? afterF0 : byte === 0xf4 ? afterF4 : threeMore;
}

/** Most text on the wire is ASCII: eight bytes are looked at together. */
function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const together =
      bytes[i]! |
      bytes[i + 1]! |
      bytes[i + 2]! |
      bytes[i + 3]! |
      bytes[i + 4]! |
      bytes[i + 5]! |
      bytes[i + 6]! |
      bytes[i + 7]!;
    if (together > 0x7f) break;
  }
  while (i < end && bytes[i]! < 0x80) i++;
  return i;
}
