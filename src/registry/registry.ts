import type { ConnectionRecord } from './record.ts';

/** The live connections of one worker, by id. */
export class Registry {
  readonly #records = new Map<string, ConnectionRecord>();

  get size(): number {
    return this.#records.size;
  }

  add(record: ConnectionRecord): void {
    this.#records.set(record.id, record);
  }

  remove(id: string): boolean {
    return this.#records.delete(id);
  }

  get(id: string): ConnectionRecord | undefined {
    return this.#records.get(id);
  }

  /** In the order in which they were added, oldest first. */
  all(): IterableIterator<ConnectionRecord> {
    return this.#records.values();
  }
}
