import { expect, test } from 'vitest';
import { boundedEjection, ejectedAtMost } from '../../../src/policy/health/ejection.ts';
import { warmShare } from '../../../src/policy/health/slow-start.ts';
import { statusOf } from '../../../src/policy/health/status.ts';

test('passive signs take out half at most, the surest first', () => {
  expect([0, 1, 2, 3, 4, 5].map(ejectedAtMost)).toEqual([0, 0, 1, 1, 2, 2]);
  const ejected = boundedEjection(['a1', 'b3', 'c2'], 4, (name) => Number(name[1]));
  expect([...ejected].sort()).toEqual(['b3', 'c2']);
});

test('a server that returns gets a tenth, then more, then all', () => {
  expect([0, 5000, 10_000, 20_000].map((ms) => warmShare(ms, 10_000))).toEqual([0.1, 0.55, 1, 1]);
  expect(warmShare(0, 0)).toBe(1);
  expect(warmShare(-50, 10_000)).toBe(0.1);
});

const well = { listed: true, draining: false, leaving: null, checkFailure: null, passive: null } as const;

test.each([
  ['up', well],
  ['suspect', { ...well, passive: 'drops' }],
  ['down', { ...well, passive: 'drops', checkFailure: '503' }],
  ['draining', { ...well, draining: true, checkFailure: '503' }],
  ['gone', { ...well, listed: false, draining: true }],
] as const)('%s', (state, signs) => {
  const status = statusOf(signs);
  expect(status.state).toBe(state);
  expect(status.reason === '').toBe(state === 'up');
});
