import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterReload, nextReloadAtMs, noReloads, reloadsInTheHour } from '../../../src/policy/pacing/reload-budget.ts';

const hourMs = 3_600_000;

test('no hour has more reloads than the budget, and nobody waits longer than an hour', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 2 * hourMs }), { maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), (pauses, perHour) => {
      let budget = noReloads;
      let nowMs = 1_800_000_000_000;
      const done: number[] = [];
      for (const pause of pauses) {
        nowMs += pause;
        const atMs = nextReloadAtMs(budget, perHour, nowMs);
        expect(atMs).toBeGreaterThanOrEqual(nowMs);
        expect(atMs).toBeLessThanOrEqual(nowMs + hourMs);
        nowMs = atMs;
        budget = afterReload(budget, nowMs);
        done.push(nowMs);
        expect(budget.atMs.length).toBeLessThanOrEqual(perHour);
        expect(done.filter((each) => each > nowMs - hourMs).length).toBe(reloadsInTheHour(budget, nowMs));
        expect(reloadsInTheHour(budget, nowMs)).toBeLessThanOrEqual(perHour);
      }
    }),
  );
});

test('with room in the budget a reload is due at once', () => {
  const budget = afterReload(afterReload(noReloads, 1000), 2000);
  expect(nextReloadAtMs(budget, 3, 3000)).toBe(3000);
  expect(nextReloadAtMs(budget, 2, 3000)).toBe(1000 + hourMs);
  expect(nextReloadAtMs(budget, 1, 3000)).toBe(2000 + hourMs);
});
