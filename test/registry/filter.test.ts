import { describe, expect, test } from 'vitest';
import { type ConnectionFilter, isEmptyFilter, matches } from '../../src/registry/filter.ts';
import type { ConnectionRecord } from '../../src/registry/record.ts';
import { moment, record } from './records.ts';

const cases: readonly [ConnectionFilter, Partial<ConnectionRecord>, boolean][] = [
  [{}, {}, true],
  [{ route: 'chat' }, {}, true],
  [{ route: 'other' }, {}, false],
  [{ upstream: 'chat', server: 'http://127.0.0.1:9000' }, {}, true],
  [{ upstream: 'chat', server: 'http://127.0.0.1:9001' }, {}, false],
  [{ server: '127.0.0.1:9000' }, {}, true],
  [{ server: '127.0.0.1:900' }, {}, false],
  [{ server: '127.0.0.1:443' }, { server: 'https://127.0.0.1:443' }, true],
  [{ client: '192.0.2.1' }, {}, true],
  [{ client: '192.0.2.2' }, {}, false],
  [{ host: 'app.example.com' }, {}, true],
  [{ origin: 'https://app.example.com' }, {}, true],
  [{ origin: '' }, {}, false],
  [{ origin: '' }, { origin: null }, true],
  [{ origin: 'https://app.example.com' }, { origin: null }, false],
  [{ state: 'closing' }, {}, false],
  [{ state: 'closing' }, { state: 'closing' }, true],
  [{ compressed: false }, {}, true],
  [{ compressed: true }, {}, false],
  [{ tags: { user: 'ann' } }, { tags: { user: 'ann', room: '1' } }, true],
  [{ tags: { user: 'ann', room: '2' } }, { tags: { user: 'ann', room: '1' } }, false],
  [{ tags: { user: '' } }, { tags: { user: 'ann' } }, true],
  [{ tags: { user: '' } }, {}, false],
  [{ tags: { toString: '' } }, {}, false],
  [{ minAgeMs: 10_000 }, {}, true],
  [{ minAgeMs: 10_001 }, {}, false],
  [{ idleForMs: 4000 }, {}, true],
  [{ idleForMs: 4001 }, {}, false],
];

describe('matches', () => {
  test.each(cases)('%j on %j: %s', (filter, fields, expected) => {
    expect(matches(record({ id: 'a', ...fields }), filter, moment)).toBe(expected);
  });
});

describe('isEmptyFilter', () => {
  test.each<[ConnectionFilter, boolean]>([
    [{}, true],
    [{ route: undefined }, true],
    [{ tags: {} }, true],
    [{ tags: { a: '' } }, false],
    [{ compressed: false }, false],
    [{ minAgeMs: 0 }, false],
    [{ origin: '' }, false],
  ])('%j: %s', (filter, expected) => {
    expect(isEmptyFilter(filter)).toBe(expected);
  });
});
