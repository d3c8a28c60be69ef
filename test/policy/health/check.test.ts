import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPauseMs, flapFactorMax, newCheckState, riseNeeded, takeCheck } from '../../../src/policy/health/check.ts';

const rules = { fall: 3, rise: 2 };

/**
 * `.` is a check that passes, `x` one that fails; `F` and `R` in the answer mark the results that changed something.
 */
function run(results: string, everyMs = 1000): string {
  const state = newCheckState(0);
  return [...results]
    .map((each, index) => {
      const change = takeCheck(state, { ok: each === '.', detail: each }, rules, index * everyMs);
      return change === 'fell' ? 'F' : change === 'rose' ? 'R' : each;
    })
    .join('');
}

test.each([
  ['well from the start', '....', '....'],
  ['one bad check is no outage', '.x.xx.', '.x.xx.'],
  ['falls with the third in a row, once', 'xxxxxx', 'xxFxxx'],
  ['rises with the second in a row, once', 'xxx....', 'xxF.R..'],
  ['a success between failures begins anew', 'xx.xxx', 'xx.xxF'],
  ['a second fall within a minute needs twice as much', 'xxx..xxx....', 'xxF.RxxF...R'],
])('%s', (_name, results, expected) => {
  expect(run(results)).toBe(expected);
});

test('a fall a minute after the last is a new trouble', () => {
  expect(run('xxx..xxx..', 30_000)).toBe('xxF.RxxF.R');
});

test('a server that flaps ten times a second changes its state less and less', () => {
  const eager = { fall: 1, rise: 1 };
  const state = newCheckState(0);
  let changes = 0;
  for (let index = 0; index < 600; index++)
    if (takeCheck(state, { ok: index % 2 === 1, detail: '' }, eager, index * 100) !== null) changes++;
  // Down and back once; from then on it needs two in a row, which one that flaps never has.
  expect(changes).toBe(3);
  expect(state.well).toBe(false);
});

test('what it takes to come back has a bound, and the pause keeps near its interval', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 400 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (results, random) => {
        const state = newCheckState(0);
        for (const [index, ok] of results.entries()) takeCheck(state, { ok, detail: '' }, rules, index * 10);
        expect(riseNeeded(state, rules)).toBeLessThanOrEqual(rules.rise * flapFactorMax);
        expect(Math.abs(checkPauseMs(1000, random) - 1000)).toBeLessThanOrEqual(100);
      },
    ),
  );
});
