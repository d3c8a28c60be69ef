/**
 * A queue in which taking the first moves no other: an array with the place of its first, tidied when the larger part
 * has been taken.
 */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** The first that waits, or undefined. */
  peek(): Item | undefined {
    return this.#items[this.#first];
  }

  take(): Item | undefined {
    if (this.#first === this.#items.length) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** Drops those for which it is false, and keeps the order of the others. */
  keep(wanted: (item: Item) => boolean): void {
    this.#items = this.#items.slice(this.#first).filter((item) => wanted(item as Item));
    this.#first = 0;
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let i = this.#first; i < this.#items.length; i++) yield this.#items[i] as Item;
  }
}
