import { expect, test } from 'vitest';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { unreachableOnce } from '../../../src/control/log/unreachable.ts';

const [a, b] = ['http://a:1', 'unix:/run/b.sock'];
const failed = (server: string): EdgeEvent => ({ kind: 'server-unreachable', atMs: 0, server, detail: 'ECONNREFUSED' });
const state = (server: string, now: 'up' | 'suspect'): EdgeEvent => ({
  kind: 'server-state',
  upstream: 'app',
  server,
  state: now,
  was: now === 'up' ? 'suspect' : 'up',
  reason: '',
  connections: 0,
});

test('a server that cannot be reached is told of once, and again after it was back', () => {
  const admits = unreachableOnce();
  const told = (events: readonly EdgeEvent[], nowMs = 0) => events.map((event) => admits(event, nowMs));
  expect(told([failed(a), failed(a), failed(b), failed(a), state(a, 'suspect'), failed(a)])).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
  expect(told([state(a, 'up'), failed(a), failed(b)])).toEqual([true, true, false]);
});

test('single failures that are far apart are each told of', () => {
  const admits = unreachableOnce();
  expect([0, 59_000, 118_000, 178_000].map((nowMs) => admits(failed(a), nowMs))).toEqual([true, false, false, true]);
});
