import { Fifo } from '../../base/fifo.ts';

/** Whoever waits until a message may begin. */
export interface StoreWaiter {
  /** The store's own. */
  waitsForStore: boolean;
  /** There may be room again. */
  onRoom(): void;
}

/**
 * What all messages of a worker may hold together while they wait for hooks and are put together. Sixty-four megabytes
 * are more than a thread of hooks looks at in a second, so that more of them would only make every answer late.
 */
export const storeBytesMax = 67_108_864;

/**
 * Counts the bytes that message mode holds in one worker. Past the limit no message begins: who is in the middle of one
 * finishes it, the others are not read, and begin in the order in which they came. Their senders are held back by TCP,
 * and no connection is closed.
 */
export class MessageStore {
  readonly #bytesMax: number;
  readonly #waiting = new Fifo<StoreWaiter>();
  #bytes = 0;

  constructor(bytesMax: number = storeBytesMax) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** May `waiter` begin a message now? When not, it is told as soon as it may try again. */
  admits(waiter: StoreWaiter): boolean {
    if (this.#bytes < this.#bytesMax) return true;
    if (!waiter.waitsForStore) {
      waiter.waitsForStore = true;
      this.#waiting.push(waiter);
    }
    return false;
  }

  /** Somebody holds so many bytes more, or less. */
  change(bytes: number): void {
    this.#bytes += bytes;
    if (bytes <= 0) this.wakeNext();
  }

  /**
   * Wakes the first that waits. It calls this again when it has taken what it wanted, so that room for one does not
   * wake a thousand.
   */
  wakeNext(): void {
    if (this.#bytes >= this.#bytesMax) return;
    const waiter = this.#waiting.take();
    if (waiter === undefined) return;
    waiter.waitsForStore = false;
    waiter.onRoom();
  }
}
