/**
 * How long the clients that a closed gate turns away are spread, so that they do not come together when it opens: as
 * long as the servers need to greet as many as were connected when it closed.
 */

/** Fewer than this cannot hurt anybody, and who waits for a page waits this long. */
export const gateSpreadMinSeconds = 25;
/** Whoever is told to wait longer than five minutes goes away. */
export const gateSpreadMaxSeconds = 300;

/**
 * Seconds. `clients`: connected when the gate closed. `budgetPerSecond`: handshakes a second that the servers can take.
 */
export function gateSpreadSeconds(clients: number, budgetPerSecond: number): number {
  const needed = Math.ceil(clients / budgetPerSecond);
  return Math.min(gateSpreadMaxSeconds, Math.max(gateSpreadMinSeconds, needed));
}
