import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fullness, newBucket, take, waitMs } from '../../../src/policy/admission/token-bucket.ts';

describe('the bucket', () => {
  const rate = { perSecond: 2, burst: 3 };

  test('lets the burst and one more through, then the rate', () => {
    const bucket = newBucket(rate, 0);
    const passed = [0, 0, 0, 0, 0, 100, 499, 500, 501, 1000, 1499, 1500].map((nowMs) => take(bucket, rate, nowMs));
    expect(passed.map((each) => (each ? '+' : '-')).join('')).toBe('++++---+-+-+');
  });

  test('says how long to wait, and a refusal costs nothing', () => {
    const bucket = newBucket(rate, 0);
    for (let count = 0; count < 4; count++) take(bucket, rate, 0);
    expect(waitMs(bucket, rate, 0)).toBe(500);
    for (let count = 0; count < 10; count++) expect(take(bucket, rate, 100)).toBe(false);
    expect(waitMs(bucket, rate, 100)).toBeCloseTo(400);
    expect(waitMs(bucket, rate, 500)).toBe(0);
  });

  test('refilled in many small steps it is as full as in one', () => {
    const bucket = newBucket({ perSecond: 10, burst: 0 }, 0);
    take(bucket, { perSecond: 10, burst: 0 }, 0);
    for (let nowMs = 10; nowMs < 100; nowMs += 10)
      expect(waitMs(bucket, { perSecond: 10, burst: 0 }, nowMs)).toBeGreaterThan(0);
    expect(take(bucket, { perSecond: 10, burst: 0 }, 100)).toBe(true);
  });

  test('never holds more than the burst', () => {
    const bucket = newBucket(rate, 0);
    expect(fullness(bucket, rate, 1e12)).toBe(1);
    expect([0, 0, 0, 0, 0].filter(() => take(bucket, rate, 1e12))).toHaveLength(4);
  });

  test('a clock that stands still or goes back gives nothing', () => {
    const bucket = newBucket({ perSecond: 1000, burst: 0 }, 1000);
    expect(take(bucket, { perSecond: 1000, burst: 0 }, 1000)).toBe(true);
    expect(take(bucket, { perSecond: 1000, burst: 0 }, 500)).toBe(false);
  });

  test('a rate of nothing waits for ever', () => {
    const none = { perSecond: 0, burst: 0 };
    const bucket = newBucket(none, 0);
    take(bucket, none, 0);
    expect(waitMs(bucket, none, 1e9)).toBe(Number.POSITIVE_INFINITY);
  });

  test('a lower burst after a reload holds at once', () => {
    const bucket = newBucket({ perSecond: 1, burst: 99 }, 0);
    const lower = { perSecond: 1, burst: 1 };
    expect([1, 1, 1, 1].filter((nowMs) => take(bucket, lower, nowMs))).toHaveLength(2);
  });
});

test('in any stretch of time no more passes than burst + 1 + rate × time', () => {
  const gap = fc.integer({ min: 0, max: 400 });
  fc.assert(
    fc.property(
      fc.array(gap, { maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(10),
      (gaps, perSecond, burst) => {
        const rate = { perSecond, burst };
        const bucket = newBucket(rate, 0);
        const passedAt: number[] = [];
        let nowMs = 0;
        for (const each of gaps) {
          nowMs += each;
          if (take(bucket, rate, nowMs)) passedAt.push(nowMs);
        }
        for (let from = 0; from < passedAt.length; from++) {
          for (let to = from; to < passedAt.length; to++) {
            const seconds = (passedAt[to]! - passedAt[from]!) / 1000;
            expect(to - from + 1).toBeLessThanOrEqual(burst + 1 + perSecond * seconds + 1e-6);
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});
