import { describe, expect, test } from 'vitest';
import {
  connectionEnded,
  newUpstreamState,
  openServers,
  setServers,
} from '../../../src/policy/balance/server-state.ts';
import type { BalanceSpec } from '../../../src/spec/model/upstream.ts';
import { dial, find, server, servers, urls } from './upstream.ts';

describe('changing the servers', () => {
  test('who stays keeps its counts; weight and room are taken over; doubles count once', () => {
    const state = newUpstreamState({ kind: 'least-connections' }, servers('a', 'b'));
    dial(state, 'a', 'opened', 0);
    setServers(state, [server('c'), server('a', { weight: 4, connectionsMax: 9 }), server('a', { weight: 1 })]);
    expect(state.servers.map((each) => each.url)).toEqual(['c', 'a']);
    expect(find(state, 'a')).toMatchObject({ connections: 1, weight: 4, connectionsMax: 9 });
  });

  test('the state is plain data', () => {
    const state = newUpstreamState({ kind: 'hash', key: { by: 'ip' } }, servers('a', 'b'));
    dial(state, 'a', 'opened', 0);
    expect(structuredClone(state)).toEqual(state);
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
});
