import type { Arrived } from './reader.ts';

/** What comes in order, and may have to wait. */
export type Queued =
  | Exclude<Arrived, { kind: 'control' }>
  | { readonly kind: 'end' }
  | { readonly kind: 'closed'; readonly error: Error | null };

export type Message = Extract<Queued, { kind: 'message' }>;

/** What a message costs beside its bytes: its objects here and its place in the list. Without it, empty ones would be free. */
const messageBytesAside = 128;

/** What waits for its turn, in order, with the bytes that it holds. */
export class MessageQueue {
  bytes = 0;
  /** Those before `first` have been taken; they go when they are the larger part, as taking each out would move all others. */
  #waiting: (Queued | null)[] = [];
  #first = 0;
  #heldBytes = 0;

  add(arrived: Queued): void {
    this.#waiting.push(arrived);
    this.bytes += costOf(arrived);
  }

  take(): Queued | null {
    const next = this.#waiting[this.#first] ?? null;
    if (next === null) return null;
    this.#waiting[this.#first++] = null;
    if (this.#first * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    this.bytes -= costOf(next);
    return next;
  }

  /** Goes on counting a message that was taken out: a hook is looking at it. */
  hold(arrived: Queued): void {
    this.#heldBytes = costOf(arrived);
    this.bytes += this.#heldBytes;
  }

  release(): void {
    this.bytes -= this.#heldBytes;
    this.#heldBytes = 0;
  }

  dropMessages(): void {
    this.#waiting = this.#waiting.slice(this.#first).filter((arrived) => arrived?.kind !== 'message');
    this.#first = 0;
    this.bytes = 0;
    this.#heldBytes = 0;
  }
}

function costOf(arrived: Queued): number {
  return arrived.kind === 'message' ? arrived.data.length + messageBytesAside : 0;
}
