/**
 * When a server is lost: not when one of its connections breaks, which may have any reason, but when many do at once. A
 * process that is killed takes all of its sockets with it within milliseconds; one process of several that share an
 * address takes its part of them.
 */

/**
 * The kernel closes the sockets of a process one after the other, thousands in this time, also when the machine is
 * busy.
 */
export const lossWindowMs = 50;

/** Fewer come back without hurting anybody, and need no pace. */
const brokenMin = 10;
/** A server of many clients that ends some of them without a close frame is sloppy, and not lost. */
const brokenShare = 0.1;
/** Two thousand a second are too many for any server to greet, whatever the reason. */
const brokenMax = 100;

/**
 * So many connections that break within the window are a loss, of a server that held `held` before; fewer are as many
 * accidents.
 */
export function brokenToBeLost(held: number): number {
  return Math.max(brokenMin, Math.min(brokenMax, Math.ceil(held * brokenShare)));
}
