/**
 * The reconnect budget: every client that is closed comes back with a handshake, so whatever closes many (drain, kick
 * by filter, rebalance, the end of the edge) closes together no more a second than the servers can greet. One bucket
 * for the edge, shared evenly by the jobs.
 */
import { type BucketRate, newBucket, type TokenBucket, waitMs } from '../admission/token-bucket.ts';

export interface Budget {
  readonly rate: BucketRate;
  readonly bucket: TokenBucket;
}

/**
 * A tenth of a second's worth may go at once: a timer that is late must not lose it, and a burst is what the budget is
 * there to prevent.
 */
const burstSeconds = 0.1;

export function newBudget(perSecond: number, nowMs: number): Budget {
  const rate = { perSecond, burst: Math.ceil(perSecond * burstSeconds) };
  return { rate, bucket: newBucket(rate, nowMs) };
}

/**
 * What each job may close now, in the order of `wanted`, and takes it. No job gets more than it wants; what one leaves
 * is for the others.
 */
export function shareBudget(budget: Budget, wanted: readonly number[], nowMs: number): number[] {
  waitMs(budget.bucket, budget.rate, nowMs);
  let left = Math.floor(budget.bucket.tokens + 1e-9);
  const granted = wanted.map(() => 0);
  // The one that wants least is served first: then equal shares of what is left are fair to all.
  const byWish = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!);
  for (const [position, index] of byWish.entries()) {
    const share = Math.ceil(left / (byWish.length - position));
    granted[index] = Math.min(wanted[index]!, share, left);
    left -= granted[index]!;
  }
  budget.bucket.tokens -= granted.reduce((sum, each) => sum + each, 0);
  return granted;
}
