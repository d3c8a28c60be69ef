/** Why a phase was stopped before it had an outcome. */
export type Stopped = 'timeout' | 'aborted';

/**
 * Runs one phase: `run` calls `done` with the outcome; when the time is over or the signal aborts before that, the
 * outcome is what `stopped` makes of it. What `run` returns is called in either case, once, to take its listeners back.
 */
export function within<Outcome>(
  limit: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
  run: (done: (outcome: Outcome) => void) => () => void,
  stopped: (why: Stopped) => Outcome,
): Promise<Outcome> {
  const { timeoutMs, signal } = limit;
  if (signal?.aborted) return Promise.resolve(stopped('aborted'));
  return new Promise((resolve) => {
    let release: (() => void) | null = null;
    let settled = false;
    const settle = (outcome: Outcome) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      release?.();
      resolve(outcome);
    };
    const onAbort = () => settle(stopped('aborted'));
    const timer = setTimeout(() => settle(stopped('timeout')), timeoutMs);
    signal?.addEventListener('abort', onAbort);
    release = run(settle);
    // The outcome may have been there at once.
    if (settled) release();
  });
}

/** The system's code of an error, or its name when it has none. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown';
}
