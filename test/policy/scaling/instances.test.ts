import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coolDownMs, newScaling, nextScaling, type ScalingRules } from '../../../src/policy/scaling/instances.ts';
import { type DayPoint, days, simulate } from './days.ts';

function day(name: string): DayPoint[] {
  return simulate(days.find((each) => each.name === name)!);
}

/** The number of instances each time it changes. */
function steps(points: readonly DayPoint[]): number[] {
  return points.map((point) => point.instances).filter((count, index, all) => count !== all[index - 1]);
}

describe('simulated days', () => {
  test('ramp: nobody lacks an instance, one step follows another, and the evening gives them back', () => {
    const points = day('ramp');
    for (const { connections, instances } of points) expect(instances * 1000).toBeGreaterThanOrEqual(connections);
    expect(steps(points)).toEqual([1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1]);
  });

  test('spike: up within two steps, back within the hour', () => {
    const points = day('spike');
    expect(steps(points)).toEqual([1, 2, 4, 5, 4, 3, 2, 1]);
    const first = points.findIndex(({ instances }) => instances === 5);
    expect(points[first]!.hour - 1).toBeLessThan(0.01);
  });

  test('storm: doubles at most, and stops at the bound', () => {
    expect(steps(day('storm'))).toEqual([1, 2, 4, 8]);
  });

  test('flapping: no change after the first', () => {
    expect(steps(day('flapping')).slice(-1)).toEqual([4]);
    expect(steps(day('flapping')).length).toBeLessThanOrEqual(3);
  });

  test('slow start: a step a minute at most', () => {
    const points = day('slow start');
    const changes = points.filter(({ instances }, index) => index > 0 && instances > points[index - 1]!.instances);
    const gaps = changes.slice(1).map((point, index) => (point.hour - changes[index]!.hour) * 3_600_000);
    expect(changes.length).toBeGreaterThan(1);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(coolDownMs - 1);
  });
});

test('always within its bounds, and never more than doubled, whatever is measured', () => {
  const rules: ScalingRules = { min: 2, max: 9, connectionsEach: 50, cpu: 0.7, delayMs: 100 };
  const sample = fc.record({
    passedMs: fc.integer({ min: 0, max: 900_000 }),
    connections: fc.nat(2000),
    cpu: fc.option(fc.double({ min: 0, max: 4, noNaN: true })),
    delayMs: fc.option(fc.double({ min: 0, max: 5000, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 80 }), (samples) => {
      let state = newScaling(rules, 0);
      let nowMs = 0;
      for (const { passedMs, ...rest } of samples) {
        nowMs += passedMs;
        const next = nextScaling(state, { nowMs, ...rest }, rules);
        expect(next.state.wanted).toBeGreaterThanOrEqual(rules.min);
        expect(next.state.wanted).toBeLessThanOrEqual(Math.min(rules.max, state.wanted * 2));
        expect(next.state.wanted).toBeGreaterThanOrEqual(state.wanted - 1);
        expect(next.reason !== null).toBe(next.state.wanted !== state.wanted);
        state = next.state;
      }
    }),
  );
});
