/** The processes of an edge, as whoever steers them sees them. Whose children they are for the system does not show. */

export type ChildSpec =
  /** Speaks over a channel. */
  | {
      readonly kind: 'worker';
      readonly entry: string;
      readonly execArgv: readonly string[];
      /** What it writes to its standard error is heard, instead of going to the edge's own. */
      readonly errorsHeard: boolean;
    }
  /** A shell command in a process group of its own, which ends with the edge however that ends. */
  | {
      readonly kind: 'server';
      readonly command: string;
      readonly directory: string;
      readonly env: Readonly<Record<string, string | undefined>>;
    };

/** From one child to another, with a handle beside it or without: whoever has both as children passes it on, and nobody else hears of it. */
export interface Addressed {
  readonly kind: 'to';
  readonly child: string;
  readonly message: object;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started at all, and this is why. */
  readonly problem?: string;
}

/** What is heard of a child. */
export interface ChildEars {
  message?(message: unknown): void;
  /**
   * `stream` 1 is its standard output, 2 its standard error; null at the end of one. The child is not read from until
   * the promise, if there is one, has been kept.
   */
  text?(stream: 1 | 2, text: string | null): Promise<void> | void;
}

export interface Child {
  /** Names it among all children of the edge, for whoever takes over. */
  readonly id: string;
  /** 0 while it is not known: another process starts it. */
  readonly pid: number;
  /** Resolves when it has ended and everything that it still said has been heard. */
  readonly exited: Promise<ChildExit>;
  /** `sent` is called once the message has left, or never will. */
  send(message: object, handle?: unknown, sent?: () => void): void;
  /** A server's whole group gets the signal. */
  kill(signal: NodeJS.Signals): void;
}

/** Starts processes. */
export interface Children {
  start(spec: ChildSpec, ears: ChildEars): Child;
  /** One that runs already; null when it does not, or not any more. */
  adopt(id: string, ears: ChildEars): Child | null;
  /** Those that nobody has adopted since another supervisor went. */
  strangers(): readonly Child[];
  /** The edge has ended in order: nobody is to be killed after it. */
  close(): void;
}

/** `signal SIGKILL` or `exit code 1`, for messages. */
export function exitText({ code, signal, problem }: ChildExit): string {
  return problem ?? (signal === null ? `exit code ${code}` : `signal ${signal}`);
}

/** What Node said last before it gave up: the line that names the error, and before it the one that says where. */
export function lastError(errors: string): string {
  const lines = errors.split('\n').map((line) => line.trim());
  const at = lines.findLastIndex((line) => /^[A-Za-z]*Error\b/.test(line));
  if (at < 0) {
    const last = lines.findLast((line) => line !== '');
    return last === undefined ? '' : `: ${last}`;
  }
  const places = lines.slice(0, at).flatMap((line) => /^(?:file:\/\/)?(\/.+:\d+)$/.exec(line)?.[1] ?? []);
  return `: ${lines[at]}${places.length === 0 ? '' : ` (${places.at(-1)})`}`;
}
