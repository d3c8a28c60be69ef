import { expect, test } from 'vitest';
import { newCheckState, takeCheck } from '../../../src/policy/health/check.ts';
import { hungForMs } from '../../../src/policy/health/hung.ts';

const rules = { fall: 2, rise: 2 };

/** `.` is a check that passes, `x` one that fails, ten seconds apart. */
test.each([
  ['a server that is well', '......', null],
  ['a failure that is no fall', '.x', null],
  ['half a minute after its fall', '.xxxxx', 30_000],
  ['a check less', '.xxxx', null],
  ['longer', '.xxxxxxx', 50_000],
  ['a healthy answer between, too few to rise, begins anew', '.xxxx.xx', null],
  ['until half a minute after that', '.xxxx.xxxx', 40_000],
  ['one that is back', '.xxxxx..', null],
  ['one that has never passed', 'xxxxxxxxxx', null],
])('%s', (_name, results, expected) => {
  const state = newCheckState(0);
  for (const [index, each] of [...results].entries())
    takeCheck(state, { ok: each === '.', detail: '' }, rules, index * 10_000);
  expect(hungForMs(state)).toBe(expected);
});
