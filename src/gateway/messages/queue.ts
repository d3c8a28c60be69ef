import { Fifo } from '../../base/fifo.ts';
import type { Arrived } from './reader.ts';

/** What comes in order, and may have to wait. */
export type Queued =
  | Exclude<Arrived, { kind: 'control' }>
  | { readonly kind: 'end' }
  | { readonly kind: 'closed'; readonly error: Error | null };

export type Message = Extract<Queued, { kind: 'message' }>;

/**
 * What a message costs beside its bytes: its objects here and its place in the list. Without it, empty ones would be
 * free.
 */
const messageBytesAside = 128;

/** What waits for its turn, in order, with the bytes that it holds. */
export class MessageQueue {
  bytes = 0;
  readonly #waiting = new Fifo<Queued>();
  #heldBytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(arrived: Queued): void {
    this.#waiting.push(arrived);
    this.bytes += costOf(arrived);
  }

  take(): Queued | null {
    const next = this.#waiting.take();
    if (next === undefined) return null;
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
    this.#waiting.keep((arrived) => arrived.kind !== 'message');
    this.bytes = 0;
    this.#heldBytes = 0;
  }
}

function costOf(arrived: Queued): number {
  return arrived.kind === 'message' ? arrived.data.length + messageBytesAside : 0;
}
