import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram, histogramValueMax } from '../../src/bench/histogram.ts';

const values = fc.array(fc.oneof(fc.nat(600), fc.nat(100_000), fc.integer({ min: 0, max: histogramValueMax })), {
  minLength: 1,
  maxLength: 300,
});

function filled(recorded: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of recorded) histogram.record(value);
  return histogram;
}

test('a quantile is the exact one, or at most 1/256 above it', () => {
  fc.assert(
    fc.property(values, fc.constantFrom(0, 0.01, 0.5, 0.9, 0.99, 0.999, 1), (recorded, share) => {
      const sorted = recorded.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(share * sorted.length - 1e-9)) - 1]!;
      const got = filled(recorded).quantile(share)!;
      expect(got).toBeGreaterThanOrEqual(exact);
      expect(got).toBeLessThanOrEqual(exact * (1 + 1 / 256));
    }),
  );
});

test('count, least, largest and mean are exact', () => {
  fc.assert(
    fc.property(values, (recorded) => {
      const histogram = filled(recorded);
      expect(histogram.count).toBe(recorded.length);
      expect(histogram.min).toBe(Math.min(...recorded));
      expect(histogram.max).toBe(Math.max(...recorded));
      expect(histogram.mean).toBeCloseTo(recorded.reduce((a, b) => a + b, 0) / recorded.length, 3);
    }),
  );
});

test('parts that were taken and added are the whole', () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      const sum = new Histogram();
      const part = filled(first);
      sum.add(part.take());
      expect(part.count).toBe(0);
      sum.add(part.take());
      for (const value of second) part.record(value);
      sum.add(structuredClone(part.take()));
      const whole = filled([...first, ...second]);
      for (const share of [0, 0.5, 0.99, 1]) expect(sum.quantile(share)).toBe(whole.quantile(share));
      expect([sum.count, sum.min, sum.max]).toEqual([whole.count, whole.min, whole.max]);
      expect(sum.mean).toBeCloseTo(whole.mean, 3);
    }),
  );
});

test('nothing recorded has no quantile', () => {
  expect(new Histogram().quantile(0.5)).toBe(null);
});

test('odd values are taken as the nearest that there is', () => {
  const histogram = filled([-5, 1.9, 1e12]);
  expect([histogram.min, histogram.quantile(0.5), histogram.max]).toEqual([0, 1, histogramValueMax]);
});

test('the curve is dense towards the tail, never falls, and ends at the largest', () => {
  const histogram = new Histogram();
  expect(histogram.curve()).toEqual([]);
  for (let value = 1; value <= 100_000; value++) histogram.record(value);
  const curve = histogram.curve();
  expect(curve.length).toBeGreaterThan(80);
  expect(curve.length).toBeLessThan(120);
  expect(curve.at(-1)).toEqual({ share: 1, us: 100_000 });
  expect(curve.filter(({ share }) => share > 0.99).length).toBeGreaterThan(30);
  for (const [index, point] of curve.entries()) {
    expect(point.share).toBeGreaterThan(curve[index - 1]?.share ?? -1);
    expect(point.us).toBeGreaterThanOrEqual(curve[index - 1]?.us ?? 0);
    expect(point.us).toBe(histogram.quantile(point.share));
  }
});
