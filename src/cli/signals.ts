/** What the signals mean to what runs; one that is left out keeps what Node or the system makes of it. */
export interface SignalActions {
  /** SIGHUP where there is no terminal: by custom a service then reads its configuration again, and opens its log anew. */
  readonly onReload: () => void;
  /** SIGUSR1, as nginx has it: the log was renamed, and goes on in a new file. */
  readonly onReopenLog?: () => void;
  /** SIGUSR2, by custom: the code on disk takes over. */
  readonly onUpgrade?: () => void;
  /** Whether a person sits in front of the edge. */
  readonly terminal: boolean;
}

/** The signals that end the edge. */
export interface EndSignals {
  /** SIGINT or SIGTERM: end in order. */
  readonly first: Promise<void>;
  /** The same again: do not wait. */
  readonly second: Promise<void>;
  /** Stops listening for signals. */
  close(): void;
}

export function untilToldToEnd(actions: SignalActions): EndSignals {
  const waiting: (() => void)[] = [];
  let count = 0;
  const end = () => waiting[count++]?.();
  const first = new Promise<void>((resolve) => waiting.push(resolve));
  const second = new Promise<void>((resolve) => waiting.push(resolve));
  const handlers = [
    ['SIGINT', end],
    ['SIGTERM', end],
    // At a terminal it says that the terminal is gone.
    ['SIGHUP', actions.terminal ? end : actions.onReload],
    // Node would open its debugger, in which whoever reaches it can run programs.
    ['SIGUSR1', actions.onReopenLog],
    // The system would end the process.
    ['SIGUSR2', actions.onUpgrade],
  ].filter((entry): entry is [NodeJS.Signals, () => void] => entry[1] !== undefined);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return {
    first,
    second,
    close() {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    },
  };
}
