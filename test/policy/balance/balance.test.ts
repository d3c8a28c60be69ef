import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BalanceContext, order } from '../../../src/policy/balance/balance.ts';
import { hashKeyOf } from '../../../src/policy/balance/hash-key.ts';
import {
  connectionEnded,
  type DialResult,
  dialEnded,
  dialStarted,
  newUpstreamState,
  openServers,
  setPeerConnections,
  setServers,
  type UpstreamState,
} from '../../../src/policy/balance/server-state.ts';
import type { BalanceSpec, ServerSpec } from '../../../src/spec/model/upstream.ts';

const hashByIp: BalanceSpec = { kind: 'hash', key: { by: 'ip' } };
const kinds: readonly BalanceSpec[] = [
  { kind: 'round-robin' },
  { kind: 'least-connections' },
  { kind: 'random-two' },
  hashByIp,
];

const server = (url: string, more: Partial<ServerSpec> = {}): ServerSpec => ({
  url,
  weight: 1,
  connectionsMax: null,
  ...more,
});
const servers = (...names: string[]) => names.map((name) => server(name));

/** A small generator with a fixed seed, so that a failure comes again. */
function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const random = seeded();

function urls(state: UpstreamState, context: Partial<BalanceContext> = {}): string[] {
  return order(state, { nowMs: 0, random, hashKey: null, ...context }).map((each) => each.url);
}

function find(state: UpstreamState, url: string) {
  return state.servers.find((each) => each.url === url)!;
}

function dial(state: UpstreamState, url: string, result: DialResult, nowMs: number): void {
  dialStarted(find(state, url));
  dialEnded(find(state, url), result, nowMs);
}

describe('round-robin', () => {
  test('takes turns', () => {
    const state = newUpstreamState({ kind: 'round-robin' }, servers('a', 'b', 'c'));
    expect(Array.from({ length: 6 }, () => urls(state)[0]).join('')).toBe('abcabc');
  });

  test('spreads the turns of a heavy server', () => {
    const state = newUpstreamState({ kind: 'round-robin' }, [server('a', { weight: 5 }), server('b'), server('c')]);
    expect(Array.from({ length: 7 }, () => urls(state)[0]).join('')).toBe('aabacaa');
  });
});

describe('least-connections', () => {
  const least: BalanceSpec = { kind: 'least-connections' };

  test('the fewest first, those of other workers and dials under way included', () => {
    const state = newUpstreamState(least, servers('a', 'b', 'c'));
    find(state, 'a').connections = 3;
    setPeerConnections(state, { b: 5, c: 1 });
    expect(urls(state)).toEqual(['c', 'a', 'b']);
    for (let dials = 0; dials < 3; dials++) dialStarted(find(state, 'c'));
    expect(urls(state)).toEqual(['a', 'c', 'b']);
    setPeerConnections(state, {});
    expect(urls(state)[0]).toBe('b');
  });

  test('weights divide the load', () => {
    const state = newUpstreamState(least, [server('a', { weight: 3 }), server('b')]);
    for (let index = 0; index < 400; index++) dial(state, urls(state)[0]!, 'opened', index);
    expect(find(state, 'a').connections).toBe(300);
  });

  test('chance breaks ties', () => {
    const state = newUpstreamState(least, servers('a', 'b', 'c', 'd'));
    const first = new Set(Array.from({ length: 100 }, () => urls(state)[0]));
    expect([...first].sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('random-two', () => {
  test('of two servers it is the less loaded', () => {
    const state = newUpstreamState({ kind: 'random-two' }, servers('a', 'b'));
    find(state, 'a').connections = 1;
    for (let index = 0; index < 50; index++) expect(urls(state)).toEqual(['b', 'a']);
  });

  test('levels the load without looking at every server', () => {
    const state = newUpstreamState({ kind: 'random-two' }, servers(...'abcdefghij'));
    for (let index = 0; index < 1000; index++) dial(state, urls(state)[0]!, 'opened', index);
    const counts = state.servers.map((each) => each.connections);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(15);
  });
});

describe('hash', () => {
  const keys = Array.from({ length: 4000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const shares = (state: UpstreamState) => {
    const counts: Record<string, number> = {};
    for (const hashKey of keys) {
      const first = urls(state, { hashKey })[0]!;
      counts[first] = (counts[first] ?? 0) + 1 / keys.length;
    }
    return counts;
  };

  test('is the same whatever the order of the servers', () => {
    const one = newUpstreamState(hashByIp, servers('a', 'b', 'c', 'd'));
    const other = newUpstreamState(hashByIp, servers('d', 'b', 'a', 'c'));
    for (const hashKey of keys.slice(0, 200)) expect(urls(one, { hashKey })).toEqual(urls(other, { hashKey }));
  });

  test('is stable over versions: these never change', () => {
    const state = newUpstreamState(
      hashByIp,
      servers('http://10.0.0.1:9000', 'http://10.0.0.2:9000', 'http://10.0.0.3:9000'),
    );
    const first = ['192.0.2.1', '192.0.2.2', '2001:db8::/64', 'session=ü', ''].map((hashKey) =>
      urls(state, { hashKey })[0]!.slice(14, 15),
    );
    expect(first.join('')).toMatchInlineSnapshot(`"12312"`);
  });

  test('gives each its share by weight', () => {
    const counts = shares(newUpstreamState(hashByIp, [server('a', { weight: 2 }), server('b'), server('c')]));
    expect(counts.a).toBeCloseTo(0.5, 1);
    expect(counts.b).toBeCloseTo(0.25, 1);
    expect(counts.c).toBeCloseTo(0.25, 1);
  });

  test('moves only the keys of a server that goes, and to all the others', () => {
    const before = newUpstreamState(hashByIp, servers('a', 'b', 'c', 'd'));
    const after = newUpstreamState(hashByIp, servers('a', 'b', 'c'));
    const movedTo = new Set<string>();
    for (const hashKey of keys) {
      const was = urls(before, { hashKey });
      const is = urls(after, { hashKey });
      expect(is).toEqual(was.filter((url) => url !== 'd'));
      if (was[0] === 'd') movedTo.add(is[0]!);
    }
    expect([...movedTo].sort()).toEqual(['a', 'b', 'c']);
  });

  test('chance decides without a key', () => {
    const state = newUpstreamState(hashByIp, servers('a', 'b', 'c'));
    expect(new Set(Array.from({ length: 50 }, () => urls(state, { hashKey: null })[0])).size).toBe(3);
  });

  test.each<[Parameters<typeof hashKeyOf>[0], string | null]>([
    [{ by: 'ip' }, '2001:db8:1:2::/64'],
    [{ by: 'header', name: 'X-Room' }, 'lobby'],
    [{ by: 'header', name: 'x-none' }, null],
    [{ by: 'cookie', name: 'sid' }, 'a=b'],
    [{ by: 'cookie', name: 'SID' }, null],
    [{ by: 'query', name: 'room' }, '7%20'],
    [{ by: 'query', name: 'none' }, null],
  ])('the key %j is %j', (key, expected) => {
    const headers: Record<string, string> = { 'x-room': 'lobby', cookie: 'xsid=1; sid=a=b; sid=2' };
    const request = {
      clientAddress: '2001:db8:1:2:3::4',
      target: '/chat?x&room=7%20&room=8',
      header: (name: string) => headers[name],
    };
    expect(hashKeyOf(key, request)).toBe(expected);
  });
});

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

describe('changing the servers', () => {
  test('who stays keeps its counts; weight and room are taken over; doubles count once', () => {
    const state = newUpstreamState({ kind: 'least-connections' }, servers('a', 'b'));
    dial(state, 'a', 'opened', 0);
    setServers(state, [server('c'), server('a', { weight: 4, connectionsMax: 9 }), server('a', { weight: 1 })]);
    expect(state.servers.map((each) => each.url)).toEqual(['c', 'a']);
    expect(find(state, 'a')).toMatchObject({ connections: 1, weight: 4, connectionsMax: 9 });
  });

  test('the state is plain data', () => {
    const state = newUpstreamState(hashByIp, servers('a', 'b'));
    dial(state, 'a', 'opened', 0);
    expect(structuredClone(state)).toEqual(state);
  });
});

describe.each(kinds)('every kind: $kind', (balance) => {
  test('no server, no order', () => {
    expect(urls(newUpstreamState(balance, []), { hashKey: 'k' })).toEqual([]);
  });

  test('all servers with room and weight, each once', () => {
    const spec = fc.record({ weight: fc.integer({ min: 0, max: 9 }), connectionsMax: fc.constantFrom(null, 0, 1, 5) });
    const counts = fc.record({
      connections: fc.nat(6),
      pending: fc.nat(2),
      peerConnections: fc.nat(2),
      failures: fc.nat(8),
      died: fc.nat(8),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(spec, counts), { maxLength: 8 }), fc.option(fc.string()), (list, hashKey) => {
        const state = newUpstreamState(
          balance,
          list.map(([each], index) => server(`s${index}`, each)),
        );
        state.servers.forEach((each, index) => {
          const { failures, died, ...load } = list[index]![1];
          for (let count = 0; count < failures; count++) dial(state, each.url, 'failed', 0);
          for (let count = 0; count < died; count++) {
            dial(state, each.url, 'opened', 0);
            connectionEnded(each, { livedMs: 0, by: 'server' }, 0);
          }
          Object.assign(each, load);
        });
        const expected = state.servers
          .filter((each) => each.weight > 0)
          .filter(
            (each) =>
              each.connectionsMax === null ||
              each.connections + each.pending + each.peerConnections < each.connectionsMax,
          )
          .map((each) => each.url);
        expect(urls(state, { nowMs: 1, hashKey }).sort()).toEqual(expected.sort());
      }),
    );
  });
});

describe('servers that come and go', () => {
  const least: BalanceSpec = { kind: 'least-connections' };

  test('one that drains takes nothing, one whose checks fail is asked last', () => {
    const state = newUpstreamState(least, servers('a', 'b', 'c'));
    setServers(state, [
      { ...server('a'), takes: 'none' },
      { ...server('b'), takes: 'last' },
      { ...server('c'), takes: 'new' },
    ]);
    for (let dials = 0; dials < 5; dials++) dial(state, 'c', 'opened', 0);
    expect(urls(state)).toEqual(['c', 'b']);
    setServers(state, servers('a', 'b', 'c'));
    expect(urls(state).at(-1)).toBe('c');
  });

  test('when the checks of all fail, they are arranged as if there were none', () => {
    const state = newUpstreamState(least, servers('a', 'b'));
    setServers(state, [
      { ...server('a'), takes: 'last' },
      { ...server('b'), takes: 'last' },
    ]);
    find(state, 'a').connections = 2;
    expect(urls(state)).toEqual(['b', 'a']);
  });

  test('counts survive a removal, and are there when the server comes back', () => {
    const state = newUpstreamState(least, servers('a', 'b'));
    for (let dials = 0; dials < 3; dials++) dial(state, 'a', 'opened', 0);
    const a = find(state, 'a');
    setServers(state, servers('b'));
    expect(urls(state)).toEqual(['b']);
    expect(openServers(state).map((each) => [each.url, each.connections])).toEqual([
      ['b', 0],
      ['a', 3],
    ]);
    connectionEnded(a, { livedMs: 5000, by: 'client' }, 5000);
    setServers(state, servers('a', 'b'));
    expect(find(state, 'a').connections).toBe(2);
    expect(urls(state)[0]).toBe('b');
    setServers(state, servers('b'));
    for (let ends = 0; ends < 2; ends++) connectionEnded(a, { livedMs: 5000, by: 'client' }, 5000);
    expect(openServers(state).map((each) => each.url)).toEqual(['b']);
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
