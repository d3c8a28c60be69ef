import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesText,
  clockText,
  countText,
  durationText,
  durationTick,
  rateText,
  shareText,
  spanText,
} from '../../src/base/quantity.ts';

function check<Value>(text: (value: Value) => string, cases: readonly (readonly [Value, string])[]): void {
  test.each(cases)('%s is %s', (value, expected) => expect(text(value)).toBe(expected));
}

describe('durations, in microseconds', () => {
  check(durationText, [
    [0, '0 µs'],
    [0.4, '0 µs'],
    [850, '850 µs'],
    [999.4, '999 µs'],
    [999.7, '1.00 ms'],
    [1250, '1.25 ms'],
    [9996, '10.0 ms'],
    [12_345, '12.3 ms'],
    [123_456, '123 ms'],
    [999_499, '999 ms'],
    [999_500, '1.00 s'],
    [1_050_000, '1.05 s'],
    [61_000_000, '61.0 s'],
    [2_000_000_000, '2,000 s'],
  ]);

  test('never off by more than half of what the last digit is worth', () => {
    const sizes: Record<string, number> = { µs: 1, ms: 1000, s: 1_000_000 };
    fc.assert(
      fc.property(fc.double({ min: 1, max: 4e9, noNaN: true }), (us) => {
        const [number, unit] = durationText(us).split(' ');
        const read = Number(number!.replaceAll(',', '')) * sizes[unit!]!;
        expect(Math.abs(read - us)).toBeLessThanOrEqual(Math.max(0.5, us * 0.00501));
      }),
    );
  });
});

describe('marks of an axis', () => {
  check(durationTick, [
    [100, '100 µs'],
    [1000, '1 ms'],
    [10_000, '10 ms'],
    [1_500_000, '1.5 s'],
    [1_250_000, '1.25 s'],
    [2_000_000_000, '2,000 s'],
  ]);
});

describe('counts, rates, bytes, shares, times', () => {
  check(countText, [[1_234_567, '1,234,567']]);
  check(rateText, [
    [0, '0'],
    [3.25, '3.3'],
    [3, '3'],
    [12_345.6, '12,346'],
  ]);
  check(bytesText, [
    [0, '0 B'],
    [999, '999 B'],
    [8720, '8.72 kB'],
    [999_999, '1.00 MB'],
    [152_000_000, '152 MB'],
    [-8720, '-8.72 kB'],
    [3.2e9, '3.20 GB'],
  ]);
  check(shareText, [
    [1, '1'],
    [0.999999, '0.99999'],
    [0.99999999999999, '0.99999'],
    [0.29, '0.29'],
    [0, '0'],
  ]);
  check(spanText, [
    [0, '0 s'],
    [1530, '1.5 s'],
    [9949, '9.9 s'],
    [9960, '10 s'],
    [20_000, '20 s'],
    [60_000, '1 min'],
    [125_000, '2 min 5 s'],
    [6_000_000, '1 h 40 min'],
    [3_605_000, '1 h 5 s'],
  ]);
  check(clockText, [
    [0, '0 s'],
    [45_400, '45 s'],
    [60_000, '1:00'],
    [125_000, '2:05'],
    [3_607_000, '1:00:07'],
  ]);
});
