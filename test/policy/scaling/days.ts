/**
 * Simulated days for the scaling policy: a load over time in, the number of instances out. The pictures in docs/ are
 * drawn from them.
 */
import { newScaling, nextScaling, type ScalingRules } from '../../../src/policy/scaling/instances.ts';

export interface Moment {
  readonly connections: number;
  readonly cpu: number | null;
  readonly delayMs: number | null;
}

export interface Day {
  readonly name: string;
  /** What the picture shows. */
  readonly rule: string;
  readonly hours: number;
  readonly rules: ScalingRules;
  readonly load: (hour: number, instances: number) => Moment;
}

export interface DayPoint extends Moment {
  readonly hour: number;
  readonly instances: number;
}

const rules: ScalingRules = { min: 1, max: 10, connectionsEach: 1000, cpu: 0.8, delayMs: 200 };
const quiet = { cpu: null, delayMs: null };

export const days: readonly Day[] = [
  {
    name: 'ramp',
    rule: 'up with the connections, down one at a time and late',
    hours: 24,
    rules,
    load: (hour) => ({ connections: Math.round(3000 - 2900 * Math.cos((hour / 24) * 2 * Math.PI)), ...quiet }),
  },
  {
    name: 'spike',
    rule: 'a spike of five minutes starts what it needs at once, and is forgotten step by step within the hour',
    hours: 3,
    rules,
    load: (hour) => ({ connections: hour >= 1 && hour < 1 + 5 / 60 ? 4500 : 800, ...quiet }),
  },
  {
    name: 'storm',
    rule: 'a storm doubles the instances at most every ten seconds, and never passes the bound',
    hours: 2,
    rules: { ...rules, max: 8 },
    load: (hour) => ({ connections: hour < 0.5 ? 900 : 60_000, ...quiet }),
  },
  {
    name: 'flapping',
    rule: 'connections that swing about a mark change nothing',
    hours: 6,
    rules,
    load: (hour) => ({ connections: 3000 + Math.round(150 * Math.sin(hour * 200)), ...quiet }),
  },
  {
    name: 'slow start',
    rule: 'a processor that stays busy while the new instance warms starts one instance a minute, not one a second',
    hours: 1,
    rules,
    load: (hour, instances) => ({
      connections: 500,
      cpu: hour < 0.1 || hour > 0.6 ? 0.2 / instances : Math.min(1, 2.2 / Math.max(1, instances - 1)),
      delayMs: null,
    }),
  },
];

/** One point for each ten seconds. */
export function simulate(day: Day): DayPoint[] {
  let state = newScaling(day.rules, 0);
  const points: DayPoint[] = [];
  for (let second = 0; second < day.hours * 3600; second += 10) {
    const hour = second / 3600;
    const load = day.load(hour, state.wanted);
    state = nextScaling(state, { nowMs: second * 1000, ...load }, day.rules).state;
    points.push({ hour, instances: state.wanted, ...load });
  }
  return points;
}
