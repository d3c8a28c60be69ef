import type { EdgeEvent } from './notices.ts';

/** Longer without a failed dial, and the next one is news: single failures leave no state that could say "back". */
const newsAfterMs = 60_000;

/**
 * True for an event that is to be told. A server that cannot be reached is told of once, by whichever worker met it,
 * until it was up again; hundreds of clients that come back in a deploy would otherwise be hundreds of lines.
 */
export function unreachableOnce(): (event: EdgeEvent, nowMs: number) => boolean {
  /** When a dial last failed, by server. */
  const failing = new Map<string, number>();
  return (event, nowMs) => {
    if (event.kind === 'server-removed' || (event.kind === 'server-state' && event.state === 'up'))
      failing.delete(event.server);
    if (event.kind !== 'server-unreachable') return true;
    const lastMs = failing.get(event.server);
    failing.set(event.server, nowMs);
    return lastMs === undefined || nowMs - lastMs >= newsAfterMs;
  };
}
