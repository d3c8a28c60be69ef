/**
 * Passive health: a server that cannot be reached is left out for a while. Only dials count. A connection that opened
 * and was closed later says nothing about whether the server can be reached, and excluding for it would let one
 * application's bug, or one rude client, take a server away from everybody.
 */
export interface ServerHealth {
  /** Failures since `failingSinceMs`. */
  failures: number;
  failingSinceMs: number;
  /** Left out until then; 0 when it is not. */
  excludedUntilMs: number;
  /** Exclusions in a row, without an answer between them. */
  exclusions: number;
}

/**
 * One lost packet must not take a server away, and three handshakes find the next server at the cost of a refused dial
 * each.
 */
export const failuresMax = 3;
/**
 * Three failures further apart than this are bad luck and no outage; nginx takes the same ten seconds (fail_timeout).
 */
export const failureWindowMs = 10_000;
/**
 * A Node server is back two seconds after a restart. Longer, and its share of the clients waits elsewhere for nothing.
 */
export const exclusionMinMs = 2_000;
/**
 * Each further exclusion doubles, up to this: a server that comes back after an hour still gets clients half a minute
 * later.
 */
export const exclusionMaxMs = 30_000;

export function newServerHealth(): ServerHealth {
  return { failures: 0, failingSinceMs: 0, excludedUntilMs: 0, exclusions: 0 };
}

export function serverFailed(health: ServerHealth, nowMs: number): void {
  // Dials that were under way when the server was excluded fail together; they are one outage.
  if (nowMs < health.excludedUntilMs) return;
  if (health.failures === 0 || nowMs - health.failingSinceMs > failureWindowMs) {
    health.failures = 0;
    health.failingSinceMs = nowMs;
  }
  health.failures += 1;
  // After an exclusion the server is on trial: the first failure sends it back.
  if (health.exclusions === 0 && health.failures < failuresMax) return;
  health.excludedUntilMs = nowMs + Math.min(exclusionMaxMs, exclusionMinMs * 2 ** health.exclusions);
  health.exclusions += 1;
  health.failures = 0;
}

/** Any answer at all proves that it can be reached. */
export function serverAnswered(health: ServerHealth): void {
  health.failures = 0;
  health.excludedUntilMs = 0;
  health.exclusions = 0;
}

/** On trial after an exclusion a server gets one handshake at a time, until one is answered. */
export function isExcluded(health: ServerHealth, pending: number, nowMs: number): boolean {
  return nowMs < health.excludedUntilMs || (health.exclusions > 0 && pending > 0);
}
