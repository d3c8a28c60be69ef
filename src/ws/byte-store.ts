/**
 * Gathers the pieces of one message in one piece of memory. Fragments leave nothing behind but their bytes, so that a
 * million empty ones hold nothing; and memory follows what has arrived, not what a header claims will come.
 */
export class ByteStore {
  length = 0;
  #bytes: Uint8Array | null = null;

  /** Memory that is held, in bytes: at most twice what was added, plus bytesMin. */
  get heldBytes(): number {
    return this.#bytes === null ? 0 : this.#bytes.length;
  }

  /**
   * Copies the piece behind the others and returns the copy. `expected` is the length that is known to come, a bound
   * for growing.
   */
  add(piece: Uint8Array, expected: number): Uint8Array {
    const start = this.length;
    const length = start + piece.length;
    if (this.#bytes === null || this.#bytes.length < length) this.#grow(length, expected);
    this.#bytes!.set(piece, start);
    this.length = length;
    return this.#bytes!.subarray(start, length);
  }

  /** Hands over everything that was added, and begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes === null ? new Uint8Array(0) : this.#bytes.subarray(0, this.length);
    this.#bytes = null;
    this.length = 0;
    return taken;
  }

  #grow(length: number, expected: number): void {
    const doubled = Math.max(length, 2 * this.heldBytes, bytesMin);
    const grown = Buffer.allocUnsafeSlow(Math.max(length, Math.min(doubled, expected)));
    if (this.#bytes !== null) grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }
}

/** Small enough to be nothing for each connection, large enough that chat messages in pieces grow once. */
const bytesMin = 256;
