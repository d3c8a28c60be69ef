/** How long quiet connections must live, and what of a search answers that. */
import { afterAll, expect, test } from 'vitest';
import { holdsQuiet } from '../../src/probe/idle/must-hold.ts';
import { probe } from '../../src/probe/probe.ts';
import { cleanUp, wsEcho } from './endpoints.ts';

afterAll(cleanUp);

const mute = (ageMs: number) => ({ kind: 'mute', ageMs, death: null }) as const;

test.each([
  ['cut later than it must be held', { kind: 'idle', timeoutMs: 91_000, maxMs: 600_000, lanes: [] }, true],
  ['cut just then', { kind: 'idle', timeoutMs: 90_000, maxMs: 600_000, lanes: [] }, true],
  ['cut earlier', { kind: 'idle', timeoutMs: 60_000, maxMs: 600_000, lanes: [] }, false],
  ['a lifetime that is shorter', { kind: 'lifetime', timeoutMs: 60_000, maxMs: 600_000, lanes: [] }, false],
  ['cut only when pings stay unanswered', { kind: 'heartbeat', timeoutMs: 60_000, maxMs: 600_000, lanes: [] }, true],
  ['nothing could be seen', { kind: 'unclear', timeoutMs: null, maxMs: 600_000, lanes: [] }, false],
  ['not cut, watched long enough', { kind: 'none', timeoutMs: null, maxMs: 99_000, lanes: [mute(98_500)] }, true],
  ['not cut, watched just as long', { kind: 'none', timeoutMs: null, maxMs: 90_000, lanes: [mute(89_400)] }, true],
  [
    'not cut, but the search was stopped',
    { kind: 'none', timeoutMs: null, maxMs: 99_000, lanes: [mute(40_000)] },
    false,
  ],
  [
    'stopped after the time that counts',
    { kind: 'none', timeoutMs: null, maxMs: 600_000, lanes: [mute(95_000)] },
    true,
  ],
  [
    'watched for less than it must hold',
    { kind: 'none', timeoutMs: null, maxMs: 60_000, lanes: [mute(60_000)] },
    false,
  ],
] as const)('must hold 90 s: %s', (_name, seen, expected) => {
  expect(holdsQuiet(seen, 90_000)).toBe(expected);
});

test('the outcome of a probe follows', async () => {
  const closesAfterASecond = await wsEcho({ onPeer: (peer) => void setTimeout(() => peer.close(4408), 1000) });
  const url = `ws://127.0.0.1:${closesAfterASecond}/`;
  const outcome = async (mustHoldMs: number) =>
    (await probe(url, { checks: null, idle: { maxMs: 6000, mustHoldMs }, timeoutMs: 1000 })).outcome;
  expect(await Promise.all([outcome(500), outcome(5000)])).toEqual(['passed', 'failed']);
});
