/**
 * The last tenth of the age is spread, so that connections opened together after a deployment do not all end and return
 * together.
 */
const jitterShare = 0.1;

/**
 * When a connection has lived long enough, on the clock of `openedMs`: never later than the lifetime. `random` is 0 <=
 * x < 1.
 */
export function lifetimeEndMs(openedMs: number, lifetimeMs: number, random: number): number {
  return openedMs + lifetimeMs * (1 - jitterShare * random);
}
