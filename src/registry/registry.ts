import type { ConnectionRecord } from './record.ts';

/**
 * Ids, some 40 bytes each. The supervisor asks each second: more wait only while it is held up, and then some stay
 * unknown to it.
 */
const newcomersMax = 20_000;

/** The live connections of one worker, by id. */
export class Registry {
  readonly #records = new Map<string, ConnectionRecord>();
  #newcomers: string[] = [];

  get size(): number {
    return this.#records.size;
  }

  add(record: ConnectionRecord): void {
    this.#records.set(record.id, record);
    if (this.#newcomers.length < newcomersMax) this.#newcomers.push(record.id);
  }

  remove(id: string): boolean {
    return this.#records.delete(id);
  }

  get(id: string): ConnectionRecord | undefined {
    return this.#records.get(id);
  }

  /** Those that nobody has been told of, oldest first, and are still here. */
  takeNewcomers(limit: number): ConnectionRecord[] {
    const found: ConnectionRecord[] = [];
    let taken = 0;
    while (taken < this.#newcomers.length && found.length < limit) {
      const record = this.#records.get(this.#newcomers[taken++]!);
      if (record !== undefined) found.push(record);
    }
    this.#newcomers.splice(0, taken);
    return found;
  }

  /** In the order in which they were added, oldest first. */
  all(): IterableIterator<ConnectionRecord> {
    return this.#records.values();
  }
}
