import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSearch, searchStepsMax } from '../../../src/bench/run/search.ts';

/** Searches a target that carries up to `limit`. */
function run(limit: number, options: Partial<Parameters<typeof createSearch>[0]> = {}) {
  const search = createSearch({ first: 100, least: 1, most: 1_000_000, whole: true, ...options });
  const tried: number[] = [];
  for (let value = search.next; value !== null; value = search.next) {
    tried.push(value);
    search.record(value, value <= limit);
  }
  return { tried, best: search.best };
}

describe('the search', () => {
  test('doubles, then halves what lies between', () => {
    expect(run(1000)).toEqual({ tried: [100, 200, 400, 800, 1600, 1200, 1000, 1100, 1050], best: 1000 });
  });

  test('goes down when not even the first is kept', () => {
    expect(run(10)).toEqual({ tried: [100, 50, 25, 13, 7, 10, 12, 11], best: 10 });
    expect(run(0)).toMatchObject({ best: null });
    expect(run(0).tried.at(-1)).toBe(1);
  });

  test('stops at the most that there is', () => {
    expect(run(1e9, { most: 500 })).toEqual({ tried: [100, 200, 400, 500], best: 500 });
  });

  test('finds any limit to a twentieth, in bounded steps, and tries nothing twice', () => {
    const options = fc.record({ first: fc.integer({ min: 1, max: 1_000_000 }), whole: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), options, (limit, changes) => {
        const { tried, best } = run(limit, changes);
        expect(tried.length).toBeLessThanOrEqual(searchStepsMax);
        expect(new Set(tried).size).toBe(tried.length);
        expect(best).toBeLessThanOrEqual(limit);
        expect(best! * 1.06 + 1).toBeGreaterThanOrEqual(limit);
      }),
    );
  });
});
