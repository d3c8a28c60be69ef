/**
 * So many handshakes are begun in one turn of the event loop; the rest of a crowd waits for the next turns, in order. Each takes some
 * hundred microseconds, and whoever is connected already should not wait for a hundred of them to get a message through.
 */
const perTurn = 1;

/**
 * A crowd of which more than this waits is turned away: at a thousand handshakes a second and more, who stands behind these would
 * wait for seconds, and its client would give up or come back a second time.
 */
const waitingMax = 4096;

/** Begins handshakes a few at a time. */
export class HandshakePace {
  #begun = 0;
  #waiting: (() => void)[] = [];
  #next = 0;
  #turnPlanned = false;

  /** Begins at once, or in one of the next turns. False when too many wait; then `begin` is never called. */
  add(begin: () => void): boolean {
    if (this.#begun < perTurn && this.#next === this.#waiting.length) {
      this.#begun++;
      this.#planTurn();
      begin();
      return true;
    }
    if (this.#waiting.length - this.#next >= waitingMax) return false;
    this.#waiting.push(begin);
    return true;
  }

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#turnPlanned = false;
    const end = Math.min(this.#next + perTurn, this.#waiting.length);
    this.#begun = end - this.#next;
    if (this.#begun > 0) this.#planTurn();
    const begins = this.#waiting.slice(this.#next, end);
    this.#next = end;
    if (this.#next === this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
    }
    for (const begin of begins) begin();
  }
}
