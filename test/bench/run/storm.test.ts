/** What a storm is made of: waits, the count of one process, and the curve of all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStormLog } from '../../../src/bench/generator/storm-log.ts';
import { createStormTally } from '../../../src/bench/run/storm-tally.ts';
import { backoffMs, parseBackoff, retryAfterMs, retryMsMin } from '../../../src/bench/scenario/backoff.ts';

describe('how long a client waits', () => {
  const plan = { firstMs: 1000, maxMs: 30_000, jitter: 0, retryAfter: false };

  test('doubles with each refusal, up to the longest', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 60].map((refusals) => backoffMs(plan, refusals, 0.5))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('jitter takes a random share away, and never more than it says', () => {
    const wait = fc.record({
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(wait, fc.nat(20), ({ jitter, random }, refusals) => {
        const whole = backoffMs(plan, refusals, 0);
        const ms = backoffMs({ ...plan, jitter }, refusals, random);
        expect(ms).toBeLessThanOrEqual(whole);
        expect(ms).toBeGreaterThanOrEqual(Math.max(whole * (1 - jitter) - 1e-6, refusals > 0 ? retryMsMin : 0));
      }),
    );
  });

  test('without backoff: at once, and after a refusal not so soon that a core is kept busy', () => {
    const atOnce = { ...plan, firstMs: 0, maxMs: 0 };
    expect([0, 1, 9].map((refusals) => backoffMs(atOnce, refusals, 0))).toEqual([0, retryMsMin, retryMsMin]);
  });

  test.each([
    [503, '2', 2000],
    [429, ' 10 ', 10_000],
    [503, 'Thu, 01 Jan 1970 00:00:20 GMT', 15_000],
    [503, 'Thu, 01 Jan 1970 00:00:01 GMT', 0],
    [503, 'soon', 0],
    [503, '-5', 0],
    [503, '999999999', 3_600_000],
    [502, '2', 0],
  ])('%d with Retry-After: %s', (status, value, ms) => {
    expect(retryAfterMs({ status, rawHeaders: ['X', 'y', 'retry-After', value] }, 5000)).toBe(ms);
  });

  test.each([
    ['1s..30s', { firstMs: 1000, maxMs: 30_000 }],
    ['5s', { firstMs: 5000, maxMs: 5000 }],
    ['0', { firstMs: 0, maxMs: 0 }],
    ['1s..2s..3s', null],
    ['fast', null],
    ['0..2s', null],
  ])('--backoff %s', (text, value) => {
    expect(parseBackoff(text)).toMatchObject(value === null ? { ok: false } : { ok: true, value });
  });
});

describe('the report of a storm', () => {
  const options = { phase: null, atMs: 2000, startMs: 10_000, backoff: { firstMs: 0, maxMs: 0, jitter: 0 } };

  test('two processes: recovered when the later one is', () => {
    const logs = [0, 1].map(() => createStormLog({ storm: 0, startMs: 10_000, open: 2 }));
    const tally = createStormTally(options);
    const take = () => {
      for (const [index, log] of logs.entries()) tally.add(index, log.take());
    };
    tally.row(10_000, 4);
    for (const log of logs) for (let i = 0; i < 2; i++) log.drop();
    take();
    expect(tally.report(null).recoveredMs).toBeNull();
    tally.row(10_100, 0);
    for (const log of logs) for (let i = 0; i < 3; i++) log.attempt();
    logs[0]!.refuse('upgrade: status 503');
    logs[1]!.refuse('upgrade: status 503');
    for (const [index, log] of logs.entries()) {
      const nowMs = 10_300 + 100 * index;
      expect(log.back({ awayMs: 300, open: 1, nowMs })).toBe(false);
      expect(log.back({ awayMs: 300, open: 2, nowMs })).toBe(true);
    }
    take();
    tally.row(10_450, 4);
    expect(tally.report(null)).toMatchObject({
      atMs: 2000,
      openBefore: 4,
      dropped: 4,
      attempts: 6,
      returned: 4,
      recoveredMs: 400,
      refused: { 'upgrade: status 503': 2 },
      away: { count: 4, max: 300_000 },
      curve: [
        { atMs: 0, open: 4, attempts: 0, returned: 0, refused: 0 },
        { atMs: 100, open: 0, attempts: 0, returned: 0, refused: 0 },
        { atMs: 450, open: 4, attempts: 6, returned: 4, refused: 2 },
      ],
    });
  });

  test('who never comes back leaves it without a time', () => {
    const log = createStormLog({ storm: 0, startMs: 0, open: 1 });
    log.drop();
    const tally = createStormTally(options);
    tally.add(0, log.take());
    expect(tally.report(null).recoveredMs).toBe(null);
  });

  test('however long it lasts, the curve is bounded, loses no count, and keeps its last row', () => {
    const tally = createStormTally(options);
    const rows = 36_000;
    for (let row = 0; row < rows; row++) {
      const log = createStormLog({ storm: 0, startMs: 0, open: 1 });
      log.attempt();
      tally.add(0, log.take());
      tally.row(10_000 + row * 100, row);
    }
    const { curve } = tally.report(null);
    expect(curve.length).toBeLessThanOrEqual(400);
    expect(curve.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(rows);
    expect(curve.at(-1)).toMatchObject({ atMs: (rows - 1) * 100, open: rows - 1 });
  });

  test('of rows in which nothing happens, only the last before a change is kept', () => {
    const tally = createStormTally(options);
    for (let row = 0; row < 50; row++) tally.row(10_000 + row * 100, 7);
    tally.row(15_000, 8);
    expect(tally.report(null).curve.map(({ atMs, open }) => [atMs, open])).toEqual([
      [0, 7],
      [4900, 7],
      [5000, 8],
    ]);
  });
});
