import type { CheckState } from './check.ts';

/**
 * A process that runs and no longer says that it is well. Nobody but Holdline starts it again, and it does not end by
 * itself: it hangs, or it was stopped.
 */

/**
 * A garbage collection, a snapshot of the heap and a short trouble of a database are over by then; ending it costs its
 * clients a reconnect.
 */
export const hungAfterMs = 30_000;

/**
 * For how long a server that is down has had no healthy answer, once it is to be replaced; null before. The results of
 * its checks count and not the clock: a machine that slept, or a supervisor that was busy, is no evidence against a
 * server. One that has never passed this check may have been given a wrong one.
 */
export function hungForMs({ well, passedMs, fellMs, lastMs }: CheckState): number | null {
  if (well || passedMs === null) return null;
  const forMs = lastMs - Math.max(passedMs, fellMs);
  return forMs >= hungAfterMs ? forMs : null;
}
