import { describe, expect, test } from 'vitest';
import { excessOf, nextAuto, restMs, settleMs } from '../../../src/policy/rebalance/excess.ts';

const server = (url: string, connections: number, weight = 1, takes = true) => ({ url, connections, weight, takes });

describe('excess', () => {
  test('a server that joins empty gets only what the others have too much', () => {
    expect(excessOf([server('a', 300), server('b', 300), server('c', 0)])).toEqual([
      { url: 'a', connections: 300, fair: 200, excess: 100 },
      { url: 'b', connections: 300, fair: 200, excess: 100 },
    ]);
  });

  test.each([
    ['nearly even', [server('a', 105), server('b', 95)]],
    ['too few to matter', [server('a', 9), server('b', 0)]],
    ['by weight', [server('a', 300, 3), server('b', 100)]],
    ['nobody else takes any', [server('a', 900), server('b', 0, 1, false)]],
    ['none', []],
  ])('%s: nobody is moved', (_name, servers) => {
    expect(excessOf(servers)).toEqual([]);
  });
});

test('a simulated day: a server that flaps every minute moves nobody, one that stays away and returns moves once', () => {
  const minute = 60_000;
  let state = { unevenSinceMs: null as number | null, lastEndedMs: Number.NEGATIVE_INFINITY };
  const begun: number[] = [];
  for (let nowMs = 0; nowMs < 24 * 60 * minute; nowMs += 1000) {
    const hour = nowMs / (60 * minute);
    // Flaps from hour 6 to 8; from hour 12 on it is back and empty, and even ten minutes after the rebalance begins.
    const flapping = hour >= 6 && hour < 8 && nowMs % minute < minute / 2;
    const back = hour >= 12 && (begun.length === 0 || nowMs - begun[0]! < 10 * minute);
    const next = nextAuto(state, flapping || back, nowMs);
    state = next.state;
    if (next.begin) begun.push(nowMs);
  }
  expect(begun).toEqual([12 * 60 * minute + settleMs]);
  expect(restMs).toBeGreaterThan(settleMs);
});
