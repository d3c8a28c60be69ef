/** Masking (RFC 6455, 5.3): the same operation puts a mask on and takes it off. */

/** Below this many bytes, making the word view costs more than it saves (measured on Node 20, x86-64). */
const wordwiseBytesMin = 48;

/**
 * Masks `bytes[start..end)` in place. `phase` (0 to 3) is the place in the mask at which the first byte stands: for a
 * payload that comes in pieces, pass what the call before returned. Returns the phase for the next piece.
 */
export function applyMask(
  bytes: Uint8Array,
  mask: Uint8Array,
  phase = 0,
  start = 0,
  end: number = bytes.length,
): number {
  let i = start;
  if (end - start >= wordwiseBytesMin) {
    for (; ((bytes.byteOffset + i) & 3) !== 0; i++) bytes[i]! ^= mask[(phase + i - start) & 3]!;
    const rotation = phase + i - start;
    for (let j = 0; j < 4; j++) rotated[j] = mask[(rotation + j) & 3]!;
    const word = rotatedWord[0]!;
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + i, (end - i) >> 2);
    for (let w = 0; w < words.length; w++) words[w]! ^= word;
    i += words.length * 4;
  }
  for (; i < end; i++) bytes[i]! ^= mask[(phase + i - start) & 3]!;
  return (phase + end - start) & 3;
}

/** The mask turned to the first aligned byte, seen as one word in the machine's own byte order. */
const rotated = new Uint8Array(4);
const rotatedWord = new Int32Array(rotated.buffer);
