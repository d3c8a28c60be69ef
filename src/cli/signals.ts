/** The signals that end the edge, or make it read its spec again. */
export interface EndSignals {
  /** SIGINT or SIGTERM: end in order. */
  readonly first: Promise<void>;
  /** The same again: do not wait. */
  readonly second: Promise<void>;
  /** Stops listening for signals. */
  close(): void;
}

export function untilToldToEnd(options: { readonly onReload: () => void; readonly terminal: boolean }): EndSignals {
  const waiting: (() => void)[] = [];
  let count = 0;
  const end = () => waiting[count++]?.();
  const first = new Promise<void>((resolve) => waiting.push(resolve));
  const second = new Promise<void>((resolve) => waiting.push(resolve));
  // By custom SIGHUP makes a service read its configuration again; at a terminal it says that the terminal is gone.
  const handlers = [
    ['SIGINT', end],
    ['SIGTERM', end],
    ['SIGHUP', options.terminal ? end : options.onReload],
  ] as const;
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return {
    first,
    second,
    close() {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}
