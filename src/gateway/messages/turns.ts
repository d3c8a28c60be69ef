import { Fifo } from '../../base/fifo.ts';

/** Work of one connection that is done a step at a time. */
export interface Stepper {
  /** The turns' own: it waits for its step. */
  waiting: boolean;
  /** Does a little; true when there is more to do at once. */
  step(): boolean;
  /** A step has thrown, which is a fault of the edge's own: what it belongs to is cut. */
  cut(fault: Error): void;
}

/**
 * How long the messages of all connections may keep the event loop before it looks at the sockets again. A tunnel's
 * bytes wait for this at the most, and a loop's turn around it costs some 20 µs, so that 2 ms lose a hundredth.
 */
const turnMsMax = 2;

/**
 * Shares a worker between the connections of message mode, which can be made to work hard by a few bytes: everyone who
 * has something to do does one step and stands at the end again, for so long in each turn of the event loop.
 */
export class Turns {
  readonly #waiting = new Fifo<Stepper>();
  readonly #nowMs: () => number;
  readonly #onFault: (thrown: unknown, stepper: Stepper) => void;
  #spentMs = 0;
  #serving = false;
  #planned = false;

  constructor(nowMs: () => number, onFault: (thrown: unknown, stepper: Stepper) => void) {
    this.#nowMs = nowMs;
    this.#onFault = onFault;
  }

  /**
   * Lets it do its next step: at once when the turn has time left and nobody waits, in order behind the others
   * otherwise.
   */
  request(stepper: Stepper): void {
    if (stepper.waiting) return;
    stepper.waiting = true;
    this.#waiting.push(stepper);
    if (!this.#serving && this.#spentMs < turnMsMax) this.#serve();
  }

  #serve(): void {
    this.#serving = true;
    const startedMs = this.#nowMs();
    const endMs = startedMs + turnMsMax - this.#spentMs;
    let nowMs = startedMs;
    do {
      const stepper = this.#waiting.take();
      if (stepper === undefined) break;
      this.#step(stepper);
      nowMs = this.#nowMs();
    } while (nowMs < endMs);
    this.#serving = false;
    this.#spentMs += nowMs - startedMs;
    // Also when nobody waits: what was spent is forgotten only once the sockets have had their turn.
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => this.#nextTurn());
  }

  #step(stepper: Stepper): void {
    stepper.waiting = false;
    try {
      if (stepper.step()) this.#enqueue(stepper);
    } catch (thrown) {
      this.#onFault(thrown, stepper);
    }
  }

  #enqueue(stepper: Stepper): void {
    if (stepper.waiting) return;
    stepper.waiting = true;
    this.#waiting.push(stepper);
  }

  #nextTurn(): void {
    this.#planned = false;
    this.#spentMs = 0;
    if (this.#waiting.size > 0) this.#serve();
  }
}
