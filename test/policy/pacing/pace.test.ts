import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cancelPace, newPace, paceDue, paceGone, paceNextMs, paceProgress } from '../../../src/policy/pacing/pace.ts';

describe('one drain', () => {
  test('hands out closes at the rate, the first at once', () => {
    const pace = newPace(5, 10, 1000);
    const due = [1000, 1001, 1099, 1100, 1350, 1399, 1400, 2000].map((nowMs) => paceDue(pace, nowMs));
    expect(due).toEqual([1, 0, 0, 1, 2, 0, 1, 0]);
    expect(paceProgress(pace, 2000)).toEqual({
      state: 'done',
      total: 5,
      closed: 5,
      gone: 0,
      remaining: 0,
      elapsedMs: 400,
      etaMs: 0,
    });
  });

  test('says how far it is and how long it will take', () => {
    const pace = newPace(11, 2, 0);
    expect(paceProgress(pace, 0)).toMatchObject({ state: 'running', closed: 0, remaining: 11, etaMs: 5000 });
    paceDue(pace, 0);
    expect(paceProgress(pace, 0)).toMatchObject({ closed: 1, remaining: 10, etaMs: 5000 });
    paceDue(pace, 1000);
    expect(paceProgress(pace, 1250)).toMatchObject({ closed: 3, remaining: 8, elapsedMs: 1250, etaMs: 3750 });
  });

  test('who leaves by itself is not waited for', () => {
    const pace = newPace(4, 1, 0);
    paceDue(pace, 0);
    paceGone(pace, 2, 100);
    expect(paceProgress(pace, 100)).toMatchObject({ closed: 1, gone: 2, remaining: 1 });
    paceGone(pace, 9, 200);
    expect(paceProgress(pace, 900)).toMatchObject({ state: 'done', gone: 3, remaining: 0, elapsedMs: 200 });
    expect(paceDue(pace, 1000)).toBe(0);
  });

  test('stops when it is cancelled', () => {
    const pace = newPace(4, 1, 0);
    paceDue(pace, 0);
    cancelPace(pace, 500);
    cancelPace(pace, 800);
    expect(paceDue(pace, 9000)).toBe(0);
    expect(paceNextMs(pace)).toBeNull();
    paceGone(pace, 3, 9000);
    expect(paceProgress(pace, 9000)).toEqual({
      state: 'cancelled',
      total: 4,
      closed: 1,
      gone: 0,
      remaining: 3,
      elapsedMs: 500,
      etaMs: 0,
    });
  });

  test('nothing to close is done', () => {
    expect(paceProgress(newPace(0, 1, 0), 5)).toMatchObject({ state: 'done', etaMs: 0, elapsedMs: 0 });
  });

  test('after standing still it does not make up for more than a second', () => {
    const pace = newPace(1000, 10, 0);
    paceDue(pace, 0);
    expect(paceDue(pace, 60_000)).toBe(10);
    expect(paceDue(pace, 60_000)).toBe(0);
  });

  test('says when to ask again', () => {
    const pace = newPace(3, 4, 0);
    const asked: number[] = [];
    for (let next = paceNextMs(pace); next !== null; next = paceNextMs(pace)) {
      asked.push(next);
      expect(paceDue(pace, next)).toBe(1);
    }
    expect(asked).toEqual([0, 250, 500]);
  });

  test('is plain data', () => {
    const pace = newPace(9, 3, 5);
    paceDue(pace, 1000);
    expect(JSON.parse(JSON.stringify(pace))).toEqual(pace);
  });
});

test('however often it is asked, no second has more closes than the rate allows, and all are closed in time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.nat(300), { maxLength: 300 }),
      (total, rate, gaps) => {
        const pace = newPace(total, rate, 0);
        const closes: number[] = [];
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          closes.push(...new Array<number>(paceDue(pace, nowMs)).fill(nowMs));
          expect(closes.length).toBe(Math.min(total, Math.floor((nowMs * rate) / 1000 + 1e-6) + 1));
        }
        for (const from of closes) {
          // A gap of 300 ms may hand out what it missed, on top of the second that follows.
          expect(closes.filter((each) => each >= from && each < from + 1000).length).toBeLessThanOrEqual(
            1.3 * rate + 1,
          );
        }
      },
    ),
    { numRuns: 100 },
  );
});
