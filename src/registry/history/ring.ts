/** The last `capacity` things that were put in, each with a number that only grows: what a viewer resumes from. */
export class Ring<Item> {
  readonly capacity: number;
  readonly #items: Item[] = [];
  #next = 1;
  /** Number of the first that was ever put in. */
  #first = 1;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return Math.min(this.capacity, this.#next - this.#first);
  }

  /** Number of the newest; 0 when nothing was ever put in. */
  get newest(): number {
    return this.#next - 1;
  }

  /** Number of the oldest that is still here. */
  get oldest(): number {
    return this.#next - this.size;
  }

  /** Before anything is put in: the next one gets this number. */
  startAt(number: number): void {
    if (this.size > 0) return;
    this.#first = number;
    this.#next = number;
  }

  push(item: Item): number {
    const number = this.#next++;
    this.#items[(number - 1) % this.capacity] = item;
    return number;
  }

  /** undefined for what has been written over, or is not there yet. */
  get(number: number): Item | undefined {
    return number < this.oldest || number >= this.#next ? undefined : this.#items[(number - 1) % this.capacity];
  }

  /** Those after this number, oldest first, at most `limit`. */
  after(number: number, limit: number): { readonly number: number; readonly item: Item }[] {
    const found: { number: number; item: Item }[] = [];
    for (let at = Math.max(number + 1, this.oldest); at < this.#next && found.length < limit; at++) {
      found.push({ number: at, item: this.#items[(at - 1) % this.capacity]! });
    }
    return found;
  }

  /** Newest first, from below this number. */
  *backFrom(number = this.#next): Generator<{ readonly number: number; readonly item: Item }> {
    for (let at = Math.min(number, this.#next) - 1; at >= this.oldest; at--) {
      yield { number: at, item: this.#items[(at - 1) % this.capacity]! };
    }
  }
}
