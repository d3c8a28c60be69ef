import { Fifo } from '../../base/fifo.ts';

/**
 * So long may it keep the event loop before it looks at the sockets again: less than any network adds to a message, and
 * a turn around the loop costs some 20 µs.
 */
const turnMsMax = 2;

/**
 * Does the same to many, in order and a few in each turn of the event loop. Those who connect together are late
 * together, and telling two thousand of them so at once takes a tenth of a second, in which nobody else on the worker
 * is heard.
 */
export class InTurns<Item> {
  readonly #act: (item: Item) => void;
  readonly #nowMs: () => number;
  readonly #waiting = new Fifo<Item>();
  #planned = false;

  /** `nowMs` is a monotonic clock. */
  constructor(act: (item: Item) => void, nowMs: () => number) {
    this.#act = act;
    this.#nowMs = nowMs;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#planned = false;
    const endMs = this.#nowMs() + turnMsMax;
    do {
      const item = this.#waiting.take();
      if (item === undefined) return;
      // Before it acts: whatever it throws, those behind it have their turn.
      if (this.#waiting.size > 0) this.#plan();
      this.#act(item);
    } while (this.#nowMs() < endMs);
  }
}
