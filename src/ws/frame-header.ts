import type { Violation } from './violation.ts';

/** Two bytes, eight of length, four of mask (RFC 6455, 5.2). */
export const headerBytesMax = 14;

/** Length of the header whose second byte this is. */
export function headerLength(second: number): number {
  const short = second & 0x7f;
  return (short < 126 ? 2 : short === 126 ? 4 : 10) + (second >= 0x80 ? 4 : 0);
}

/** Length of the header of a data frame, or of a whole control frame; 0 when the bytes do not tell yet. */
export function unitLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 2) return 0;
  const second = bytes[at + 1]!;
  const short = second & 0x7f;
  const header = headerLength(second);
  return (bytes[at]! & 0x08) !== 0 && short < 126 ? header + short : header;
}

/** Length of the payload whose header stands whole at `at`. `strict` wants it written in its shortest form. */
export function payloadLength(bytes: Uint8Array, at: number, strict: boolean): number | Violation {
  const short = bytes[at + 1]! & 0x7f;
  if (short < 126) return short;
  if (short === 126) {
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return strict && length < 126 ? 'length-not-minimal' : length;
  }
  if (bytes[at + 2]! >= 0x80) return 'length-too-large';
  let length = 0;
  for (let i = at + 2; i < at + 10; i++) length = length * 256 + bytes[i]!;
  return strict && length < 65_536 ? 'length-not-minimal' : length;
}
