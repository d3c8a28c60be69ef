/**
 * The memory that all direct sockets of this process read into, one after the other, so that an idle connection holds none; and the
 * copies of what has to outlive the next read.
 */

/** One read of a loopback or fast network socket; the kernel seldom has more at once for a chat. */
const sharedBytes = 65_536;
/** Small pieces are cut from a block; a block stays alive as long as one of its pieces does, so it is small, too. */
const blockBytes = 65_536;
const pieceBytesMax = 16_384;
/** Longer views are so much work to fill that making them does not show. */
const viewBytesMax = 8192;

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
let scratch = new Views(Buffer.allocUnsafeSlow(sharedBytes));
/** The memory that is lent to a reader at this moment. */
let lent: ArrayBufferLike | null = null;
let block = Buffer.allocUnsafeSlow(blockBytes);
let blockUsed = 0;

/** What is read into when nothing better is known. */
export const shared: Buffer = sharedViews.buffer;

/** The first bytes of a buffer that has been read into. */
export function firstOf(buffer: Uint8Array, length: number): Buffer {
  return buffer === shared ? sharedViews.first(length) : (buffer.subarray(0, length) as Buffer);
}

/** Says which memory is read into again once the reader has returned; null when it has returned. */
export function lend(memory: ArrayBufferLike | null): void {
  lent = memory;
}

/**
 * A copy of bytes that are only lent, or the bytes themselves when they may be kept. `alone` says that nothing else waits in the same
 * queue: only then may the copy be a piece of a block, or a reader who is behind would keep many blocks alive with a few bytes each.
 */
export function keep(bytes: Uint8Array, alone: boolean): Uint8Array {
  if (bytes.buffer !== lent) return bytes;
  const { length } = bytes;
  if (!alone || length > pieceBytesMax) {
    const copy = Buffer.allocUnsafeSlow(length);
    copy.set(bytes);
    return copy;
  }
  if (blockUsed + length > blockBytes) {
    block = Buffer.allocUnsafeSlow(blockBytes);
    blockUsed = 0;
  }
  const piece = block.subarray(blockUsed, blockUsed + length);
  piece.set(bytes);
  blockUsed += length;
  return piece;
}

/** For a write that nearly always is done when it returns: lent bytes are copied to where the next one's will be, too. */
export function scratchCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer !== lent || bytes.length > sharedBytes) return bytes;
  const copy = scratch.first(bytes.length);
  copy.set(bytes);
  return copy;
}

/**
 * The write was not done: its copy goes with it. Its reader is megabytes behind by then (that much the kernel keeps for it), and this
 * happens once until it has caught up, so that 64 KB for a few bytes is bearable.
 */
export function giveScratch(copy: Uint8Array): void {
  if (copy.buffer === scratch.buffer.buffer) scratch = new Views(Buffer.allocUnsafeSlow(sharedBytes));
}
