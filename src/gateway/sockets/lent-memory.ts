/**
 * The memory that all handles of this process read into, one after the other, so that an idle connection holds none;
 * and the copies of what has to outlive the next read.
 */
import type { WireListener } from '../tunnel/wire.ts';

/** One read of a loopback or fast network socket; the kernel seldom has more at once for a chat. */
export const sharedBytes = 65_536;
/** Longer views are so much work to fill that making them does not show. */
const viewBytesMax = 8192;

/**
 * A frame with more than this ahead gets memory of its own, so that it is not copied. Below, copying is cheaper than
 * allocating.
 */
const ownBytesMin = 32_768;
/** Four times what one read takes from a socket by default: fewer system calls for a message of a megabyte. */
const ownBytesMax = 262_144;

/** A buffer with views of its first bytes, kept by their number: making a view takes longer than scanning a frame. */
class Views {
  readonly buffer: Buffer;
  readonly #views = new Array<Buffer | null>(viewBytesMax + 1).fill(null);

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  first(length: number): Buffer {
    if (length > viewBytesMax) return this.buffer.subarray(0, length);
    let view = this.#views[length]!;
    if (view === null) {
      view = this.buffer.subarray(0, length);
      this.#views[length] = view;
    }
    return view;
  }
}

const sharedViews = new Views(Buffer.allocUnsafeSlow(sharedBytes));
/** Two sizes, so that a few bytes that stay behind keep little with them. */
let smallScratch = new Views(Buffer.allocUnsafeSlow(viewBytesMax));
let largeScratch = Buffer.allocUnsafeSlow(sharedBytes);
/** The memory that is lent to a listener at this moment. */
let lent: ArrayBufferLike | null = null;

/** What is read into when nothing better is known. */
export const shared: Buffer = sharedViews.buffer;

/** The first bytes of a buffer that has been read into. */
export function firstOf(buffer: Buffer, length: number): Buffer {
  return buffer === shared ? sharedViews.first(length) : buffer.subarray(0, length);
}

/** What is read into after `memory`, which the listener was `given` or not, with so many bytes of the frame ahead. */
export function nextMemory(memory: Buffer, given: boolean, aheadBytes: number): Buffer {
  if (aheadBytes < ownBytesMin) return shared;
  if (memory !== shared && !given) return memory;
  return Buffer.allocUnsafeSlow(Math.min(aheadBytes, ownBytesMax));
}

/** Says which memory is read into again once the listener has returned; null when it has returned. */
export function lend(memory: ArrayBufferLike | null): void {
  lent = memory;
}

/**
 * Gives a listener what was read into `memory`. True when the memory is its own from here on: when it is not shared,
 * and was worth it.
 */
export function lendTo(listener: WireListener, memory: Buffer, bytes: Buffer): boolean {
  const given = memory !== shared && bytes.length * 2 >= memory.length;
  if (given) listener.onBytes(bytes);
  else if (listener.borrows === true) {
    lend(memory.buffer);
    listener.onBytes(bytes);
    lend(null);
  } else listener.onBytes(Buffer.from(bytes));
  return given;
}

/** The bytes themselves when they may be kept, a copy when they are only lent. */
export function keep(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer !== lent) return bytes;
  // Not a piece of a pool: of a reader who is behind, a few bytes would keep all of a pool alive.
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * For a write that nearly always is done when it returns: lent bytes are copied to where the next one's will be, too.
 * Whoever sees a write stay behind calls `giveScratch`, and the copy is the write's.
 */
export function scratchCopy(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (bytes.buffer !== lent) return bytes;
  if (length > sharedBytes) return keep(bytes);
  const copy = scratchOf(length);
  copy.set(bytes);
  return copy;
}

/** Room for so many bytes (65,536 at most), to be written at once, and given away when they stay behind. */
export function scratchOf(length: number): Buffer {
  return length <= viewBytesMax ? smallScratch.first(length) : largeScratch.subarray(0, length);
}

/** The write with these bytes stays behind: if they stand in the scratch, the next ones need another. */
export function giveScratch(bytes: Uint8Array): void {
  if (bytes.buffer === smallScratch.buffer.buffer) smallScratch = new Views(Buffer.allocUnsafeSlow(viewBytesMax));
  else if (bytes.buffer === largeScratch.buffer) largeScratch = Buffer.allocUnsafeSlow(sharedBytes);
}
