import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closesPerSecond, formatDrainRate, parseDrainRate } from '../../../src/base/drain.ts';
import { newBudget, shareBudget } from '../../../src/policy/drain/budget.ts';
import { gateSpreadSeconds } from '../../../src/policy/drain/gate.ts';
import { inDrainOrder } from '../../../src/policy/drain/order.ts';

describe('rate', () => {
  test.each([
    ['100/s', { perSecond: 100 }, '100/s'],
    ['600/m', { perSecond: 10 }, '10/s'],
    ['2%/s', { sharePerSecond: 0.02 }, '2%/s'],
    ['30%/m', { sharePerSecond: 0.005 }, '0.5%/s'],
  ])('%s', (text, value, shown) => {
    expect(parseDrainRate(text)).toEqual({ ok: true, value });
    expect(formatDrainRate(value)).toBe(shown);
  });

  test.each(['0/s', '0%/s', '101%/s', '5', '-1/s', '', 'fast'])('refuses %j', (text) => {
    expect(parseDrainRate(text)).toMatchObject({ ok: false });
  });

  test('a share is of all that there were, and always ends', () => {
    expect(closesPerSecond({ sharePerSecond: 0.02 }, 5000)).toBe(100);
    expect(closesPerSecond({ sharePerSecond: 0.001 }, 3)).toBe(0.1);
  });
});

test('order', () => {
  const list = [
    { id: 'a', openedAtMs: 5, idleMs: 1 },
    { id: 'b', openedAtMs: 1, idleMs: 2 },
    { id: 'c', openedAtMs: 3, idleMs: 9 },
  ];
  const ids = (order: 'oldest' | 'idlest' | 'random') => inDrainOrder(list, order, () => 0).map(({ id }) => id);
  expect(ids('oldest').join('')).toBe('bca');
  expect(ids('idlest').join('')).toBe('cba');
  expect([...ids('random')].sort().join('')).toBe('abc');
});

describe('budget', () => {
  test('two jobs share it evenly, and what one does not need is the other’s', () => {
    const budget = newBudget(100, 0);
    shareBudget(budget, [1000], 0);
    expect(shareBudget(budget, [1000, 1000], 100)).toEqual([5, 5]);
    expect(shareBudget(budget, [1000, 2], 200)).toEqual([8, 2]);
    expect(shareBudget(budget, [0, 0], 200)).toEqual([0, 0]);
  });

  test('is never passed, however many jobs want how much, by more than its burst', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.array(fc.nat(300), { maxLength: 5 })), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 500 }),
        (steps, perSecond) => {
          const budget = newBudget(perSecond, 0);
          let nowMs = 0;
          let granted = 0;
          for (const [passedMs, wanted] of steps) {
            nowMs += passedMs;
            const shares = shareBudget(budget, wanted, nowMs);
            for (const [index, share] of shares.entries()) expect(share).toBeLessThanOrEqual(wanted[index]!);
            granted += shares.reduce((sum, each) => sum + each, 0);
            expect(granted).toBeLessThanOrEqual((nowMs / 1000) * perSecond + Math.ceil(perSecond / 10) + 1.001);
          }
        },
      ),
    );
  });
});

test('a gate spreads those that it turns away over the time that greeting them takes', () => {
  expect([10, 4000, 20_000, 1e6].map((clients) => gateSpreadSeconds(clients, 100))).toEqual([25, 40, 200, 300]);
});
