/**
 * A server that comes back is cold: it gets a share of its weight that grows, because least-connections would send it
 * every new client.
 */

/** With nothing it would never warm; a tenth of its weight is what a cold cache can bear. */
export const firstShare = 0.1;

/** 0.1 to 1, `sinceMs` after it came back. A slow start of 0 is none. */
export function warmShare(sinceMs: number, slowStartMs: number): number {
  if (slowStartMs <= 0 || sinceMs >= slowStartMs) return 1;
  return firstShare + (1 - firstShare) * (Math.max(0, sinceMs) / slowStartMs);
}
