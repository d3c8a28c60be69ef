import { describe, expect, test } from 'vitest';
import { order } from '../../../src/policy/balance/balance.ts';
import {
  connectionEnded,
  type DialResult,
  dialEnded,
  dialStarted,
  newUpstreamState,
  type UpstreamState,
} from '../../../src/policy/balance/server-state.ts';
import { dial, find, seeded, servers, urls } from './upstream.ts';

describe('health', () => {
  const state = () => newUpstreamState({ kind: 'least-connections' }, servers('a', 'b'));
  const fails = (upstream: UpstreamState, times: readonly number[]) => {
    for (const nowMs of times) dial(upstream, 'a', 'failed', nowMs);
  };
  /** b is the busier, so a comes first unless it is excluded. */
  const excludedAt = (upstream: UpstreamState, nowMs: number) => {
    find(upstream, 'b').connections = 10;
    return urls(upstream, { nowMs })[0] !== 'a';
  };

  test.each<[what: string, failures: number[], nowMs: number, excluded: boolean]>([
    ['two failures are bad luck', [0, 1], 2, false],
    ['three are an outage', [0, 1, 2], 3, true],
    ['three over a long time are bad luck', [0, 6000, 12_000], 12_001, false],
    ['for two seconds', [0, 1, 2], 2001, true],
    ['and no longer', [0, 1, 2], 2002, false],
    ['failures while excluded do not count', [0, 1, 2, 3, 4, 5], 2003, false],
    ['one more after that sends it back', [0, 1, 2, 2002], 2003, true],
    ['for twice as long', [0, 1, 2, 2002], 6001, true],
    ['and then it is back', [0, 1, 2, 2002], 6002, false],
    [
      'never for more than half a minute',
      [0, 10_000, 20_000].flatMap((ms) => [ms, ms, ms]).concat(40_000, 80_000, 200_000, 400_000),
      430_000,
      false,
    ],
  ])('%s', (_what, failures, nowMs, excluded) => {
    const upstream = state();
    fails(upstream, failures);
    expect(excludedAt(upstream, nowMs)).toBe(excluded);
  });

  test('an excluded server is still the last resort', () => {
    const upstream = state();
    fails(upstream, [0, 1, 2]);
    expect(urls(upstream, { nowMs: 3 })).toEqual(['b', 'a']);
  });

  test('when all are excluded, the one that is back first is tried first', () => {
    const upstream = state();
    fails(upstream, [0, 1, 2]);
    for (const nowMs of [5, 6, 7]) dial(upstream, 'b', 'failed', nowMs);
    expect(urls(upstream, { nowMs: 8 })).toEqual(['a', 'b']);
  });

  test('on trial it gets one handshake at a time', () => {
    const upstream = state();
    fails(upstream, [0, 1, 2]);
    expect(excludedAt(upstream, 2002)).toBe(false);
    dialStarted(find(upstream, 'a'));
    expect(excludedAt(upstream, 2003)).toBe(true);
    dialEnded(find(upstream, 'a'), 'answered', 2004);
    dialStarted(find(upstream, 'a'));
    expect(excludedAt(upstream, 2005)).toBe(false);
  });

  test.each<DialResult>(['opened', 'answered'])('%s makes it well at once', (result) => {
    const upstream = state();
    fails(upstream, [0, 1, 2]);
    dial(upstream, 'a', result, 3);
    expect(excludedAt(upstream, 4)).toBe(false);
    fails(upstream, [5, 6]);
    expect(excludedAt(upstream, 7)).toBe(false);
  });

  test('a client that left first says nothing', () => {
    const upstream = state();
    for (let index = 0; index < 20; index++) dial(upstream, 'a', 'abandoned', index);
    expect(excludedAt(upstream, 20)).toBe(false);
    expect(find(upstream, 'a').pending).toBe(0);
  });

  test('connections that open and end do not exclude', () => {
    const upstream = newUpstreamState({ kind: 'round-robin' }, servers('a', 'b'));
    for (let nowMs = 0; nowMs < 100; nowMs++) {
      dial(upstream, 'a', 'opened', nowMs);
      connectionEnded(find(upstream, 'a'), { livedMs: 0, by: 'server' }, nowMs);
    }
    expect([urls(upstream, { nowMs: 100 })[0], urls(upstream, { nowMs: 100 })[0]]).toEqual(['a', 'b']);
  });

  test('passive signs never take more than half: the third of four failing servers keeps its share', () => {
    const state = newUpstreamState({ kind: 'round-robin' }, servers('a', 'b', 'c', 'd'));
    for (const [index, url] of ['a', 'b', 'c'].entries())
      for (let failure = 0; failure < 3; failure++) dial(state, url, 'failed', index);
    const first: Record<string, number> = {};
    for (let turn = 0; turn < 4000; turn++) {
      const url = urls(state, { nowMs: 100 })[0]!;
      first[url] = (first[url] ?? 0) + 1;
    }
    expect(first.b ?? 0).toBe(0);
    expect(first.c ?? 0).toBe(0);
    expect(first.a! / 4000).toBeGreaterThan(0.08);
    expect(first.d! / 4000).toBeGreaterThan(0.6);
  });
});

describe('a server whose connections die at once', () => {
  /** Sends clients in, one each `everyMs`; those of the sick server end after 5 ms. Returns the sick server's share. */
  function run(options: {
    kind: 'least-connections' | 'random-two';
    well: number;
    clients: number;
    everyMs: number;
    by?: 'server' | 'client';
  }) {
    const names = Array.from({ length: options.well }, (_, index) => `well-${index}`);
    const state = newUpstreamState({ kind: options.kind }, servers('sick', ...names));
    const chance = seeded(7);
    let lost = 0;
    for (let index = 0; index < options.clients; index++) {
      const nowMs = index * options.everyMs;
      const chosen = order(state, { nowMs, random: chance, hashKey: null })[0]!;
      dialStarted(chosen);
      dialEnded(chosen, 'opened', nowMs);
      if (chosen.url !== 'sick') continue;
      lost++;
      connectionEnded(chosen, { livedMs: 5, by: options.by ?? 'server' }, nowMs + 5);
    }
    return lost;
  }

  test.each<
    [kind: 'least-connections' | 'random-two', well: number, clients: number, everyMs: number, lostMax: number]
  >([
    ['least-connections', 1, 40, 10, 6],
    ['least-connections', 3, 40, 10, 5],
    ['least-connections', 3, 40, 100, 6],
    ['least-connections', 3, 400, 1000, 130],
    ['least-connections', 3, 5000, 10, 60],
    ['random-two', 3, 5000, 10, 60],
  ])(
    '%s with %i well ones: of %i clients, one each %i ms, at most %i are lost',
    (kind, well, clients, everyMs, lostMax) => {
      const lost = run({ kind, well, clients, everyMs });
      expect(lost).toBeLessThanOrEqual(lostMax);
      expect(lost).toBeGreaterThan(1);
    },
  );

  test('what clients end says nothing', () => {
    expect(run({ kind: 'least-connections', well: 3, clients: 40, everyMs: 10, by: 'client' })).toBeGreaterThan(30);
  });

  test('what lived for a second and more did not die young', () => {
    const state = newUpstreamState({ kind: 'least-connections' }, servers('a', 'b'));
    for (let index = 0; index < 10; index++) {
      dial(state, 'a', 'opened', index);
      connectionEnded(find(state, 'a'), { livedMs: 1000, by: 'server' }, 1000 + index);
    }
    dial(state, 'b', 'opened', 1010);
    expect(urls(state, { nowMs: 1011, random: () => 0.9 })).toEqual(['a', 'b']);
  });

  test('it is trusted again when its connections live', () => {
    const state = newUpstreamState({ kind: 'least-connections' }, servers('a', 'b'));
    for (let index = 0; index < 4; index++) {
      dial(state, 'a', 'opened', index);
      connectionEnded(find(state, 'a'), { livedMs: 1, by: 'server' }, index);
    }
    for (let index = 0; index < 20; index++) dial(state, 'b', 'opened', 4);
    expect(urls(state, { nowMs: 5, random: () => 0.9 })).toEqual(['b', 'a']);
    // Tried now and then, and this time the connections stay.
    expect(urls(state, { nowMs: 1500, random: () => 0.1 })[0]).toBe('a');
    for (let index = 0; index < 4; index++) dial(state, 'a', 'opened', 1500 + index);
    expect(urls(state, { nowMs: 1510, random: () => 0.9 })[0]).toBe('a');
  });

  test('it is forgotten after a while without clients', () => {
    const state = newUpstreamState({ kind: 'least-connections' }, servers('a', 'b'));
    for (let index = 0; index < 4; index++) {
      dial(state, 'a', 'opened', index);
      connectionEnded(find(state, 'a'), { livedMs: 1, by: 'server' }, index);
    }
    dial(state, 'b', 'opened', 4);
    expect(urls(state, { nowMs: 5, random: () => 0.9 })[0]).toBe('b');
    expect(urls(state, { nowMs: 9_000, random: () => 0.9 })[0]).toBe('b');
    expect(urls(state, { nowMs: 60_000, random: () => 0.9 })[0]).toBe('a');
  });

  test('when all are like that, load decides again', () => {
    const state = newUpstreamState({ kind: 'least-connections' }, servers('a', 'b'));
    for (const url of ['a', 'b']) {
      for (let index = 0; index < 5; index++) {
        dial(state, url, 'opened', index);
        connectionEnded(find(state, url), { livedMs: 1, by: 'server' }, index);
      }
    }
    find(state, 'b').connections = 1;
    for (let index = 0; index < 20; index++) expect(urls(state, { nowMs: 6 })).toEqual(['a', 'b']);
  });
});
