import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DueQueue, dueBefore, dueMs, paceOf } from '../../../src/bench/generator/schedule.ts';
import { Histogram } from '../../../src/bench/histogram.ts';

test('the queue gives out what is due, the earliest first, and nothing before its time', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.nat(1000), (times, nowMs) => {
      const queue = new DueQueue<number>();
      for (const time of times) queue.push(time, time);
      const out: number[] = [];
      for (let item = queue.pop(nowMs); item !== null; item = queue.pop(nowMs)) out.push(item);
      expect(out).toEqual(times.filter((time) => time <= nowMs).toSorted((a, b) => a - b));
      expect(queue.size).toBe(times.length - out.length);
      const left = times.filter((time) => time > nowMs);
      expect(queue.nextMs).toBe(left.length === 0 ? null : Math.min(...left));
    }),
  );
});

test('what is due before a time is what dueMs says', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 50 }), fc.nat(2000), (firstMs, intervalMs, endMs) => {
      const pace = { firstMs, intervalMs };
      let expected = 0;
      while (dueMs(pace, expected) < endMs) expected++;
      expect(dueBefore(pace, endMs)).toBe(expected);
    }),
  );
});

test('first messages are spread over one interval', () => {
  const first = [0, 1, 2, 3].map((index) => paceOf({ startMs: 100, intervalMs: 40, index, of: 4 }).firstMs);
  expect(first).toEqual([100, 110, 120, 130]);
});

describe('a server that stalls one second in ten, and otherwise takes 1 ms', () => {
  /** When the server answers what reached it at `atMs`: it answers nothing in the first second of every ten. */
  const answeredMs = (atMs: number) => (atMs % 10_000 < 1000 ? atMs - (atMs % 10_000) + 1000 : atMs) + 1;
  const endMs = 60_000;

  const open = new Histogram();
  const queue = new DueQueue<number>();
  const pace = { firstMs: 5, intervalMs: 10 };
  queue.push(pace.firstMs, 0);
  for (let nowMs = 0; nowMs < endMs; nowMs++) {
    for (let sequence = queue.pop(nowMs); sequence !== null; sequence = queue.pop(nowMs)) {
      open.record(answeredMs(nowMs) - dueMs(pace, sequence));
      queue.push(dueMs(pace, sequence + 1), sequence + 1);
    }
  }

  const closed = new Histogram();
  for (let atMs = 5; atMs < endMs; ) {
    const answer = answeredMs(atMs);
    closed.record(answer - atMs);
    atMs = Math.max(answer, atMs + 10);
  }

  test('the open loop charges it for every message that was due meanwhile', () => {
    // A tenth of all messages falls into a stall, and these wait from 1 to 1000 ms, evenly.
    expect(open.count).toBe(6000);
    expect(open.quantile(0.5)).toBe(1);
    expect(open.quantile(0.95)! / 500).toBeCloseTo(1, 1);
    expect(open.quantile(0.99)! / 900).toBeCloseTo(1, 1);
  });

  test('a closed loop would hide it: the stall is one slow message', () => {
    expect(closed.quantile(0.99)).toBe(1);
    expect(closed.quantile(0.999)).toBeGreaterThan(900);
  });
});
