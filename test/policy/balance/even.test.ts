/** Who gives how many to whom, so that all hold the same number. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evenTransfers, leavingTransfers, type WorkerLoad } from '../../../src/policy/balance/even.ts';

const loads = (...connections: number[]): WorkerLoad[] =>
  connections.map((count, worker) => ({ worker, connections: count }));

test.each([
  [loads(10, 0), [{ from: 0, to: 1, count: 5 }]],
  [loads(5, 5), []],
  [loads(5, 6), []],
  [loads(0, 0), []],
  [loads(100), []],
  [
    loads(9, 0, 0),
    [
      { from: 0, to: 1, count: 3 },
      { from: 0, to: 2, count: 3 },
    ],
  ],
  // A hundredth more or less is no reason to move anybody.
  [loads(1010, 1000, 990), []],
])('%j', (before, expected) => {
  expect(evenTransfers(before)).toEqual(expected);
});

function apply(before: readonly WorkerLoad[], transfers: ReturnType<typeof evenTransfers>): number[] {
  const after = before.map(({ connections }) => connections);
  for (const { from, to, count } of transfers) {
    after[from]! -= count;
    after[to]! += count;
  }
  return after;
}

const counts = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 8 });

test('afterwards all hold the same number, or one more, or were about even before', () => {
  fc.assert(
    fc.property(counts, (connections) => {
      const before = loads(...connections);
      const transfers = evenTransfers(before);
      const after = apply(before, transfers);
      const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);
      expect(sum(after)).toBe(sum(connections));
      if (transfers.length === 0)
        expect(Math.max(...connections) - Math.min(...connections)).toBeLessThanOrEqual(
          1 + 0.05 * Math.max(...connections),
        );
      else expect(Math.max(...after) - Math.min(...after)).toBeLessThanOrEqual(1);
    }),
  );
});

test('whoever leaves gives all away, to those that hold fewest', () => {
  fc.assert(
    fc.property(counts, counts, (own, others) => {
      const before = loads(own[0]!, ...others);
      const transfers = leavingTransfers(before[0]!, before.slice(1));
      expect(transfers.reduce((sum, { count }) => sum + count, 0)).toBe(own[0]);
      expect(transfers.every(({ from, to, count }) => from === 0 && to !== 0 && count > 0)).toBe(true);
    }),
  );
});
