import { keep, scratchOf, sharedBytes } from './lent-memory.ts';

/** Small writes that have to wait are put together in pieces of this size. */
const pieceBytes = 16_384;
const pieceOfBytesMax = 4096;

/** The last one that was emptied. A wire has one only while something waits, and most wait for a moment only. */
let spare: WriteQueue | null = null;

export function takeQueue(): WriteQueue {
  const queue = spare ?? new WriteQueue();
  spare = null;
  return queue;
}

/** Only an empty one, by a wire that uses it no more. */
export function giveQueue(queue: WriteQueue): void {
  spare = queue;
}

/** Writes that wait, in order. */
export class WriteQueue {
  /** Of all that waits; 0 when it is empty. */
  bytes = 0;
  readonly #pieces: Uint8Array[] = [];
  /** How much of the last piece is filled; -1 when it is no piece of ours. */
  #filled = -1;

  /**
   * Not for an empty write. `joins` puts small ones together already here; what leaves in a moment is put together
   * then.
   */
  add(bytes: Uint8Array, joins: boolean): void {
    const { length } = bytes;
    this.bytes += length;
    if (length > pieceOfBytesMax || !joins) {
      this.#closePiece();
      this.#pieces.push(keep(bytes));
      return;
    }
    if (this.#filled < 0 || this.#filled + length > pieceBytes) {
      this.#closePiece();
      this.#pieces.push(Buffer.allocUnsafeSlow(pieceBytes));
      this.#filled = 0;
    }
    this.#pieces.at(-1)!.set(bytes, this.#filled);
    this.#filled += length;
  }

  /** Takes what waits, up to one write's worth, in one piece. Not when it is empty. */
  next(): Uint8Array {
    const pieces = this.#pieces;
    this.#closePiece();
    let count = 0;
    let length = 0;
    while (count < pieces.length && length + pieces[count]!.length <= sharedBytes) length += pieces[count++]!.length;
    const taken = pieces.splice(0, Math.max(1, count));
    let bytes = taken[0]!;
    if (taken.length > 1) {
      bytes = scratchOf(length);
      let at = 0;
      for (const piece of taken) {
        bytes.set(piece, at);
        at += piece.length;
      }
    }
    this.bytes -= bytes.length;
    return bytes;
  }

  #closePiece(): void {
    if (this.#filled >= 0) this.#pieces.push(this.#pieces.pop()!.subarray(0, this.#filled));
    this.#filled = -1;
  }
}
