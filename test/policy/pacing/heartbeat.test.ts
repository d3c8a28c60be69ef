import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aheadOfPing,
  arrived,
  excused,
  floorBytesPerSecond,
  heard,
  heartbeatStep,
  newBurst,
  newHeartbeat,
  pinged,
  ponged,
  stallMs,
  wrote,
} from '../../../src/policy/pacing/heartbeat.ts';
import { lifetimeEndMs } from '../../../src/policy/pacing/lifetime.ts';

const spec = { everyMs: 25_000, timeoutMs: 10_000, server: false };

function answered(beat: ReturnType<typeof newHeartbeat>, of: typeof spec, nowMs: number, random: number): void {
  heard(beat, of, nowMs, random);
  ponged(beat, nowMs);
}

describe('one connection', () => {
  test('beats, is answered, beats again', () => {
    const beat = newHeartbeat(spec, 0, 0);
    expect(heartbeatStep(beat, 24_999)).toBe('wait');
    expect(heartbeatStep(beat, 25_000)).toBe('ping');
    pinged(beat, spec, 25_000, 0);
    expect(heartbeatStep(beat, 25_001)).toBe('wait');
    answered(beat, spec, 25_080, 0);
    expect(beat.rttMs).toBe(80);
    expect(heartbeatStep(beat, 49_999)).toBe('wait');
    expect(heartbeatStep(beat, 50_000)).toBe('ping');
  });

  test('is lost when the answer is overdue', () => {
    const beat = newHeartbeat(spec, 0, 0);
    pinged(beat, spec, 25_000, 0);
    expect(heartbeatStep(beat, 34_999)).toBe('wait');
    expect(heartbeatStep(beat, 35_000)).toBe('lost');
    expect(beat.rttMs).toBeNull();
  });

  test('an unsolicited pong changes nothing', () => {
    const beat = newHeartbeat(spec, 0, 0);
    const before = { ...beat };
    answered(beat, spec, 5, 0);
    expect(beat).toEqual(before);
  });

  test('when the edge stood still, there is one more moment for the answers to be read', () => {
    const beat = newHeartbeat(spec, 0, 0);
    pinged(beat, spec, 25_000, 0);
    expect(heartbeatStep(beat, 60_000)).toBe('wait');
    expect(heartbeatStep(beat, 60_000 + stallMs - 1)).toBe('wait');
    expect(heartbeatStep(beat, 60_000 + stallMs)).toBe('lost');
    answered(beat, spec, 60_100, 0);
    expect(heartbeatStep(beat, 60_100)).toBe('ping');
  });

  test('it is forgiven once for each ping, however late the timers are', () => {
    const beat = newHeartbeat(spec, 0, 0);
    pinged(beat, spec, 0, 0);
    expect(heartbeatStep(beat, 60_000)).toBe('wait');
    expect(heartbeatStep(beat, 120_000)).toBe('lost');
    answered(beat, spec, 120_000, 0);
    pinged(beat, spec, 120_000, 0);
    expect(heartbeatStep(beat, 180_000)).toBe('wait');
  });

  test('whatever the peer says stands for the pong; its own pong tells the round trip all the same', () => {
    const beat = newHeartbeat(spec, 0, 0);
    heard(beat, spec, 20_000, 0);
    expect(beat.dueMs).toBe(25_000);
    pinged(beat, spec, 25_000, 0);
    heard(beat, spec, 34_000, 0);
    expect(heartbeatStep(beat, 36_000)).toBe('wait');
    ponged(beat, 36_000);
    expect(beat.rttMs).toBe(11_000);
    expect(heartbeatStep(beat, 50_000)).toBe('ping');
  });

  test('a peer that the edge does not read is not lost for what it cannot have said', () => {
    const beat = newHeartbeat(spec, 0, 0);
    pinged(beat, spec, 25_000, 0);
    excused(beat, spec, 35_000);
    expect(heartbeatStep(beat, 35_000)).toBe('wait');
    expect(heartbeatStep(beat, 45_000)).toBe('lost');
  });

  test('a timeout longer than the interval pings again as soon as the answer is there', () => {
    const slow = { everyMs: 1_000, timeoutMs: 5_000, server: false };
    const beat = newHeartbeat(slow, 0, 0);
    pinged(beat, slow, 1_000, 0);
    answered(beat, slow, 5_500, 0.5);
    expect(heartbeatStep(beat, 5_500)).toBe('ping');
  });
});

test('a peer that vanishes at any moment is found within every + timeout', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(chance, { minLength: 1, maxLength: 20 }),
      fc.nat(400_000),
      fc.nat(500),
      (randoms, vanishesMs, rttMs) => {
        const beat = newHeartbeat(spec, 0, randoms[0]!);
        let index = 0;
        for (let nowMs = beat.dueMs; ; nowMs = beat.dueMs) {
          const step = heartbeatStep(beat, nowMs);
          if (step === 'lost') {
            expect(nowMs - vanishesMs).toBeLessThanOrEqual(spec.everyMs + spec.timeoutMs + rttMs);
            expect(nowMs).toBeGreaterThan(vanishesMs);
            return;
          }
          pinged(beat, spec, nowMs, 0);
          if (nowMs + rttMs < vanishesMs) answered(beat, spec, nowMs + rttMs, randoms[index++ % randoms.length]!);
        }
      },
    ),
  );
});

describe('a burst in front of a ping', () => {
  const spent = (writes: readonly (readonly [bytes: number, atMs: number])[], pingMs: number) => {
    const burst = newBurst(0);
    for (const [bytes, atMs] of writes) wrote(burst, bytes, atMs);
    return aheadOfPing(burst, pingMs);
  };
  const ticks = Array.from({ length: 1000 }, (_, i) => [100, i * 100] as const);

  test.each([
    ['nothing written', [], 9_000, 0],
    ['written just now', [[2_000_000, 9_000]], 9_000, 2_000_000],
    ['half of it had its time', [[10 * floorBytesPerSecond, 0]], 5_000, 5 * floorBytesPerSecond],
    ['long ago', [[2_000_000, 0]], 200_000, 0],
    ['a feed below the floor leaves a tick', ticks, 99_900, 100],
    ['more than kernels hold', [[1e9, 9_000]], 9_000, 10_485_760],
  ] as const)('%s', (_title, writes, pingMs, expected) => {
    expect(spent(writes, pingMs)).toBe(expected);
  });

  test('its pong gets the time that the burst takes at the floor rate', () => {
    const beat = newHeartbeat(spec, 0, 0);
    pinged(beat, spec, 0, 5_000_000);
    const longest = spec.timeoutMs + (5_000_000 / floorBytesPerSecond) * 1000;
    expect(beat.dueMs).toBeGreaterThan(5_000_000 / 24);
    expect(beat.dueMs).toBeLessThanOrEqual(longest);
    pinged(beat, spec, 0, 50_000);
    expect(beat.dueMs).toBe(spec.timeoutMs);
  });

  test('the pong says that what was before it has arrived', () => {
    const burst = newBurst(0);
    wrote(burst, 5_000_000, 0);
    aheadOfPing(burst, 0);
    wrote(burst, 300, 100);
    arrived(burst);
    expect(aheadOfPing(burst, 100)).toBe(300);
  });
});

test('a herd that opens together does not beat together', () => {
  const beats = Array.from({ length: 1000 }, (_, index) => newHeartbeat(spec, 0, index / 1000).dueMs);
  const perSecond = new Map<number, number>();
  for (const due of beats) perSecond.set(Math.floor(due / 1000), (perSecond.get(Math.floor(due / 1000)) ?? 0) + 1);
  expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(45);
  expect(Math.max(...beats)).toBeLessThanOrEqual(spec.everyMs);
});

test.each([
  [0, 100_000],
  [0.5, 95_000],
  [0.999_999_9, 90_000],
])('a lifetime with the chance %d ends at %d', (random, expected) => {
  expect(lifetimeEndMs(0, 100_000, random)).toBeCloseTo(expected, 1);
  expect(lifetimeEndMs(7, 100_000, random)).toBeCloseTo(expected + 7, 1);
});
