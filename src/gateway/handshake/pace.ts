/**
 * Beginning handshakes may take so much of one turn of the event loop, and at least one is begun; the rest of a crowd
 * waits for the next turns, in order. One takes some fifty microseconds, and two milliseconds are what whoever is
 * connected already waits longer for a message: much less than any network adds.
 */
const turnMsMax = 2;

/**
 * A crowd of which more than this waits is turned away: at a thousand handshakes a second and more, who stands behind
 * these would wait for seconds, and its client would give up or come back a second time.
 */
const waitingMax = 4096;

/** Begins handshakes as many at a time as a turn has room for. */
export class HandshakePace {
  readonly #nowMs: () => number;
  #spentMs = 0;
  #waiting: (() => void)[] = [];
  #next = 0;
  #turnPlanned = false;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Begins at once, or in one of the next turns. False when too many wait; then `begin` is never called. */
  add(begin: () => void): boolean {
    if (this.#spentMs < turnMsMax && this.#next === this.#waiting.length) {
      this.#planTurn();
      this.#begin(begin);
      return true;
    }
    if (this.#waiting.length - this.#next >= waitingMax) return false;
    this.#waiting.push(begin);
    return true;
  }

  #begin(begin: () => void): void {
    const startMs = this.#nowMs();
    begin();
    this.#spentMs += this.#nowMs() - startMs;
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turnPlanned = false;
    this.#spentMs = 0;
    while (this.#next < this.#waiting.length && this.#spentMs < turnMsMax) {
      this.#planTurn();
      this.#begin(this.#waiting[this.#next++]!);
    }
    // A crowd that never ends must not keep those that have begun.
    if (this.#next < this.#waiting.length && this.#next < waitingMax) return;
    this.#waiting = this.#waiting.slice(this.#next);
    this.#next = 0;
  }
}
