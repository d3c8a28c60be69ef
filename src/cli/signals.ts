/** What the signals mean to what runs; one that is left out keeps what Node or the system makes of it. */
export interface SignalActions {
  /**
   * SIGHUP where there is no terminal: by custom a service then reads its configuration again, and opens its log anew.
   */
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

/** Calls these from now on; what comes back ends that. */
export type Subscribe = (handlers: ReadonlyMap<NodeJS.Signals, () => void>) => () => void;

/** Where signals come from: those of this process, where nothing else is said. */
export function untilToldToEnd(actions: SignalActions, subscribe: Subscribe = toThisProcess): EndSignals {
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
  const unsubscribe = subscribe(new Map(handlers));
  return {
    first,
    second,
    close: unsubscribe,
  };
}

const toThisProcess: Subscribe = (handlers) => {
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
};

/** Signals that mean something to an edge. */
const edgeSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Of the process that was started first. While nobody subscribes they go elsewhere: to the supervisor that has taken
 * over.
 */
export function forwardedSignals(elsewhere: (signal: NodeJS.Signals) => void): Subscribe {
  let current: ReadonlyMap<NodeJS.Signals, () => void> | null = null;
  return (handlers) => {
    // Once and for all: there is no moment at which the system would do what it does by default.
    if (current === null)
      for (const signal of edgeSignals)
        process.on(signal, () => (current!.size === 0 ? elsewhere(signal) : current!.get(signal)?.()));
    current = handlers;
    return () => {
      current = new Map();
    };
  };
}

/** Of a process that another one tells of signals: a terminal, or systemd, sends them to every process. */
export function toldSignals(onSignal: (tell: (signal: NodeJS.Signals) => void) => void): Subscribe {
  for (const signal of edgeSignals) process.on(signal, () => undefined);
  return (handlers) => {
    onSignal((signal) => handlers.get(signal)?.());
    return () => onSignal(() => undefined);
  };
}
