/**
 * An open-loop schedule: when each connection's messages are due, whatever became of the ones before. A message's
 * latency counts from the time at which it was due; a server that stalls is therefore charged for every message that
 * would have been sent meanwhile (otherwise the stall would count once: "coordinated omission").
 */

export interface SendPace {
  /** When the first message is due, in milliseconds of the caller's clock. */
  readonly firstMs: number;
  readonly intervalMs: number;
}

/** Computed and not added up, so that it does not drift. */
export function dueMs(pace: SendPace, sequence: number): number {
  return pace.firstMs + sequence * pace.intervalMs;
}

/** How many messages are due before `endMs`. */
export function dueBefore(pace: SendPace, endMs: number): number {
  // The tiny subtraction undoes what a sum of large times is too large by in binary.
  return Math.max(0, Math.ceil((endMs - pace.firstMs) / pace.intervalMs - 1e-6));
}

/** Spreads the first messages evenly over one interval, so that connections do not all speak in the same moment. */
export function paceOf(options: {
  readonly startMs: number;
  readonly intervalMs: number;
  readonly index: number;
  readonly of: number;
}): SendPace {
  const { startMs, intervalMs, index, of } = options;
  return { firstMs: startMs + (intervalMs * index) / of, intervalMs };
}

/** Whatever is due next comes out first: a binary heap, one entry for each connection. */
export class DueQueue<Item> {
  readonly #times: number[] = [];
  readonly #items: Item[] = [];

  get nextMs(): number | null {
    return this.#times[0] ?? null;
  }

  get size(): number {
    return this.#times.length;
  }

  push(atMs: number, item: Item): void {
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= atMs) break;
      this.#put(at, this.#times[parent]!, this.#items[parent]!);
      at = parent;
    }
    this.#put(at, atMs, item);
  }

  /** The first item that is due at `nowMs`, taken out; null when none is. */
  pop(nowMs: number): Item | null {
    if (this.#times.length === 0 || this.#times[0]! > nowMs) return null;
    const first = this.#items[0]!;
    const lastMs = this.#times.pop()!;
    const last = this.#items.pop()!;
    if (this.#times.length > 0) this.#sink(lastMs, last);
    return first;
  }

  clear(): void {
    this.#times.length = 0;
    this.#items.length = 0;
  }

  #sink(atMs: number, item: Item): void {
    const { length } = this.#times;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#times[child + 1]! < this.#times[child]!) child++;
      if (this.#times[child]! >= atMs) break;
      this.#put(at, this.#times[child]!, this.#items[child]!);
      at = child;
    }
    this.#put(at, atMs, item);
  }

  #put(at: number, atMs: number, item: Item): void {
    this.#times[at] = atMs;
    this.#items[at] = item;
  }
}
