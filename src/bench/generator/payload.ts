/**
 * What a message of the load carries: in which phase, who sent it, its number, and when it was really sent, as text, so
 * that it may travel as text or binary; then filler up to the wanted size.
 */

/** 2 digits of phase, 8 of number, 5 of connection, 9 of microseconds since the phase's load began (19 hours). */
export const stampBytes = 24;

const fields = [2, 8, 5, 9] as const;

export interface Stamp {
  readonly phase: number;
  readonly sequence: number;
  readonly connection: number;
  /** Microseconds since the load of the phase began. */
  readonly sentUs: number;
}

/** A buffer of the wanted size, to be stamped again for each message. `bytes` is at least stampBytes. */
export function createPayload(bytes: number, filler: 'dots' | 'words'): Uint8Array {
  const payload = new Uint8Array(bytes).fill(0x2e);
  if (filler === 'words') payload.set(Buffer.from(words(bytes - stampBytes), 'latin1'), stampBytes);
  return payload;
}

const vocabulary = (
  'the quick message user room token hello update value state client server event true false null name text ' +
  'order price item list time zone page open close error with from into about never always often'
).split(' ');

/**
 * Text that deflates about as well as what people write and programs send; a row of dots would deflate to nothing. The
 * same each time, so that runs can be compared.
 */
export function words(length: number): string {
  let seed = 1;
  let text = '';
  while (text.length < length) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    text += `${vocabulary[(seed >>> 16) % vocabulary.length]} `;
    if (seed % 5 === 0) text += `${seed % 10_000} `;
  }
  return text.slice(0, Math.max(0, length));
}

export function writeStamp(payload: Uint8Array, stamp: Stamp): void {
  let at = 0;
  for (const [index, value] of [stamp.phase, stamp.sequence, stamp.connection, stamp.sentUs].entries()) {
    const digits = fields[index]!;
    let rest = value;
    for (let digit = at + digits - 1; digit >= at; digit--) {
      payload[digit] = hexDigits.charCodeAt(rest % 16);
      rest = Math.floor(rest / 16);
    }
    at += digits;
  }
}

/** Null for anything that is no stamped message: a server may send what it likes. */
export function readStamp(payload: Uint8Array): Stamp | null {
  if (payload.length < stampBytes) return null;
  const values = [0, 0, 0, 0];
  let at = 0;
  for (const [index, digits] of fields.entries()) {
    let value = 0;
    for (const end = at + digits; at < end; at++) {
      const digit = digitOf(payload[at]!);
      if (digit === -1) return null;
      value = value * 16 + digit;
    }
    values[index] = value;
  }
  return { phase: values[0]!, sequence: values[1]!, connection: values[2]!, sentUs: values[3]! };
}

const hexDigits = '0123456789abcdef';

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
