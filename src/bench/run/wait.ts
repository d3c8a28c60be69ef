import { deferred } from '../../base/deferred.ts';

/** Waiting: for the first of several things, for a condition, for a time. */

/** Waits for the first of them, and no longer than this. */
export async function first(timeoutMs: number, promises: readonly Promise<unknown>[]): Promise<void> {
  const over = deferred<void>();
  const timer = setTimeout(() => over.resolve(), timeoutMs);
  await Promise.race([...promises, over.promise]);
  clearTimeout(timer);
}

/** Conditions on what changes only when somebody says so. */
export interface Watched {
  changed(): void;
  until(condition: () => boolean): Promise<void>;
}

export function createWatched(): Watched {
  const waiting = new Set<() => void>();
  return {
    changed() {
      for (const look of [...waiting]) look();
    },
    until: (condition) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!condition()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
