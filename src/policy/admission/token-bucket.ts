/**
 * A rate with room for a burst, as two numbers: nothing runs in the background, the bucket is refilled when it is
 * looked at.
 */
export interface TokenBucket {
  tokens: number;
  /** When `tokens` was right, monotonic. */
  atMs: number;
}

export interface BucketRate {
  readonly perSecond: number;
  /**
   * Events above the rate that may come at once; 0 or more. As in nginx, one event more than this passes an untouched
   * bucket.
   */
  readonly burst: number;
}

/** Full: who has not been seen before may use the whole burst. */
export function newBucket(rate: BucketRate, nowMs: number): TokenBucket {
  return { tokens: capacityOf(rate), atMs: nowMs };
}

export function capacityOf(rate: BucketRate): number {
  return rate.burst + 1;
}

/** Milliseconds until one event may pass, without taking it; 0: now. Infinity when the rate is 0. */
export function waitMs(bucket: TokenBucket, rate: BucketRate, nowMs: number): number {
  refill(bucket, rate, nowMs);
  // Refilling in steps adds up rounding errors; a billionth of an event is none.
  const missing = 1 - bucket.tokens;
  return missing <= 1e-9 ? 0 : (missing / rate.perSecond) * 1000;
}

/**
 * Takes one event when it may pass, and says whether it did. A refused one costs nothing, so that trying often is not
 * punished twice.
 */
export function take(bucket: TokenBucket, rate: BucketRate, nowMs: number): boolean {
  if (waitMs(bucket, rate, nowMs) > 0) return false;
  bucket.tokens = Math.max(0, bucket.tokens - 1);
  return true;
}

/** 0 to 1. A full bucket knows nothing that a new one would not know. */
export function fullness(bucket: TokenBucket, rate: BucketRate, nowMs: number): number {
  refill(bucket, rate, nowMs);
  return bucket.tokens / capacityOf(rate);
}

function refill(bucket: TokenBucket, rate: BucketRate, nowMs: number): void {
  const passedMs = nowMs - bucket.atMs;
  if (passedMs <= 0) return;
  // Also when the rate was lowered by a reload: what is above the new burst is gone.
  bucket.tokens = Math.min(capacityOf(rate), bucket.tokens + (passedMs / 1000) * rate.perSecond);
  bucket.atMs = nowMs;
}
