import { HoldlineError } from '../../base/error.ts';

/** Questions that wait for an answer from another process: so many at once, and so long at most. */
export interface PendingTable {
  readonly size: number;
  /**
   * `send` gets the number that the answer has to carry. Rejects with `worker-busy`, `worker-silent` or `worker-gone`.
   */
  open(send: (id: number) => void): Promise<unknown>;
  /** False when nobody waits for this number (any more). */
  settle(id: number, answer: unknown): boolean;
  fail(id: number, error: Error): boolean;
  /** Fails everything that waits, because the other side is gone. */
  failAll(error: Error): void;
}

export interface PendingOptions {
  readonly capacity: number;
  readonly timeoutMs: number;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export function pendingTable(options: PendingOptions): PendingTable {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  function take(id: number): Waiting | undefined {
    const entry = waiting.get(id);
    if (entry !== undefined) {
      waiting.delete(id);
      clearTimeout(entry.timer);
    }
    return entry;
  }

  return {
    get size() {
      return waiting.size;
    },
    open(send) {
      if (waiting.size >= options.capacity) {
        return Promise.reject(
          new HoldlineError('worker-busy', `${options.capacity} questions wait for a worker already`),
        );
      }
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const message = `a worker gave no answer within ${options.timeoutMs} ms`;
          take(id)?.reject(new HoldlineError('worker-silent', message));
        }, options.timeoutMs);
        waiting.set(id, { resolve, reject, timer });
        send(id);
      });
    },
    settle(id, answer) {
      const entry = take(id);
      entry?.resolve(answer);
      return entry !== undefined;
    },
    fail(id, error) {
      const entry = take(id);
      entry?.reject(error);
      return entry !== undefined;
    },
    failAll(error) {
      for (const id of [...waiting.keys()]) take(id)?.reject(error);
    },
  };
}
