import type { CloseCause } from '../../base/close-cause.ts';

/**
 * How long an endpoint gets to answer a close frame and to finish its side. Long enough for a round trip over a bad
 * mobile link, and for a server that still finishes its last messages; a hanging one costs two sockets for that long.
 */
const closeGraceMs = 10_000;
/**
 * Who has not read, or not answered a ping, for its whole deadline will hardly answer a close frame: one more second is
 * a courtesy.
 */
const unresponsiveGraceMs = 1000;
const unresponsive: ReadonlySet<CloseCause> = new Set(['slow-consumer', 'heartbeat-lost']);

/** How long both ends have from the first close frame to the end of their sockets. */
export function closeGraceFor(cause: CloseCause): number {
  return unresponsive.has(cause) ? unresponsiveGraceMs : closeGraceMs;
}
