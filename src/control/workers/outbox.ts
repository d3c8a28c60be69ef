/**
 * Gathers events and hands them on in batches, one batch at a time: when the other side is slow, events wait here
 * up to a bound and beyond it they are counted instead of kept.
 */
export interface Outbox<Event> {
  add(event: Event): void;
  /** Hands over what waits, unless a batch is on its way still. */
  flush(): void;
  /** Hands over everything and resolves when it has been taken. */
  drain(): Promise<void>;
}

export interface OutboxOptions<Event> {
  /** Hands over one batch; `taken` has to be called once the other side can take the next. */
  readonly deliver: (events: readonly Event[], dropped: number, taken: () => void) => void;
  readonly batchMax: number;
  readonly waitingMax: number;
}

export function outbox<Event>(options: OutboxOptions<Event>): Outbox<Event> {
  let waiting: Event[] = [];
  let dropped = 0;
  let underWay = false;
  let onEmpty: (() => void) | null = null;

  function flush(): void {
    if (underWay) return;
    if (waiting.length === 0 && dropped === 0) {
      onEmpty?.();
      return;
    }
    const batch = waiting.slice(0, options.batchMax);
    waiting = waiting.slice(batch.length);
    const lost = dropped;
    dropped = 0;
    underWay = true;
    options.deliver(batch, lost, () => {
      underWay = false;
      if (waiting.length >= options.batchMax || onEmpty !== null) flush();
    });
  }

  return {
    add(event) {
      if (waiting.length >= options.waitingMax) dropped++;
      else waiting.push(event);
      if (waiting.length >= options.batchMax) flush();
    },
    flush,
    drain() {
      return new Promise((resolve) => {
        onEmpty = resolve;
        flush();
      });
    },
  };
}
