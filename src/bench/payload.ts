/**
 * What a message of the load carries: who sent it, its number, and when it was really sent, as text, so that it may
 * travel as text or binary; then filler up to the wanted size.
 */

/** 8 digits of number, 6 of connection, 10 of microseconds since the start. */
export const stampBytes = 24;

const fields = [8, 6, 10] as const;

export interface Stamp {
  readonly sequence: number;
  readonly connection: number;
  /** Microseconds since the load began. */
  readonly sentUs: number;
}

/** A buffer of the wanted size, to be stamped again for each message. `bytes` is at least stampBytes. */
export function createPayload(bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(0x2e);
}

export function writeStamp(payload: Uint8Array, stamp: Stamp): void {
  let at = 0;
  for (const [index, value] of [stamp.sequence, stamp.connection, stamp.sentUs].entries()) {
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
  const values = [0, 0, 0];
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
  return { sequence: values[0]!, connection: values[1]!, sentUs: values[2]! };
}

const hexDigits = '0123456789abcdef';

function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
