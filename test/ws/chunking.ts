/** Cutting bytes into chunks, for the properties that say: how they are cut does not matter. */
import fc from 'fast-check';

/**
 * Cuts at the given sizes in turn, over and over; a size of 0 gives an empty chunk. Every second chunk is a Buffer, as
 * sockets give them: its slice() is a view where a Uint8Array's is a copy.
 */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    // A row of zeros alone would never end, so that every full turn takes at least one byte.
    const size = sizes.length === 0 ? bytes.length : Math.max(sizes[i % sizes.length]!, i % sizes.length === 0 ? 1 : 0);
    const chunk = new Uint8Array(bytes.subarray(at, at + size));
    chunks.push(i % 2 === 0 ? Buffer.from(chunk.buffer) : chunk);
    at += size;
  }
  return chunks;
}

export const sizes = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }),
  fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 12 }),
);

/** `81 05 48 65` with blanks anywhere. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}
