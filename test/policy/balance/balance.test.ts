/** In which order the servers are asked: each kind, and what holds for all of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashKeyOf } from '../../../src/policy/balance/hash-key.ts';
import {
  connectionEnded,
  dialStarted,
  newUpstreamState,
  setPeerConnections,
  type UpstreamState,
} from '../../../src/policy/balance/server-state.ts';
import type { BalanceSpec } from '../../../src/spec/model/upstream.ts';
import { dial, find, server, servers, urls } from './upstream.ts';

const hashByIp: BalanceSpec = { kind: 'hash', key: { by: 'ip' } };
const kinds: readonly BalanceSpec[] = [
  { kind: 'round-robin' },
  { kind: 'least-connections' },
  { kind: 'random-two' },
  hashByIp,
];

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
