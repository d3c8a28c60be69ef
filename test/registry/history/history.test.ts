import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EndedRecord, endedOf } from '../../../src/registry/history/ended.ts';
import { Ring } from '../../../src/registry/history/ring.ts';
import { searchHistory } from '../../../src/registry/history/search.ts';
import { type Second, Seconds, secondFields, secondsMax } from '../../../src/registry/history/seconds.ts';
import { parseFilter } from '../../../src/registry/language/parse.ts';
import type { ConnectionEnd } from '../../../src/registry/record.ts';
import { record } from '../records.ts';

function ended(
  atMs: number,
  end: Partial<ConnectionEnd> = {},
  fields: Parameters<typeof record>[0] = { id: `c${atMs}` },
) {
  return endedOf(record(fields), {
    by: 'client',
    cause: 'client-close',
    code: 1001,
    reason: '',
    silentMs: 40,
    begunAtMs: atMs,
    closedAtMs: atMs + 5,
    ...end,
  } as ConnectionEnd);
}

describe('the ring', () => {
  test('keeps the last, and numbers go on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.integer(), { maxLength: 40 }), (capacity, items) => {
        const ring = new Ring<number>(capacity);
        for (const [index, item] of items.entries()) expect(ring.push(item)).toBe(index + 1);
        const kept = items.slice(-capacity);
        expect(ring.after(0, 100).map(({ item }) => item)).toEqual(kept);
        expect([...ring.backFrom()].map(({ item }) => item)).toEqual(kept.toReversed());
        expect(ring.newest).toBe(items.length);
        expect(ring.get(ring.newest)).toBe(items.at(-1));
        expect(ring.get(ring.oldest - 1)).toBeUndefined();
      }),
    );
  });
});

describe('searching', () => {
  const ring = new Ring<EndedRecord>(100);
  ring.push(ended(1_001_000, { by: 'server', cause: 'server-gone', code: 1011 }, { id: 'a', tags: { user: 'ann' } }));
  ring.push(ended(1_002_000, {}, { id: 'b', tags: { user: 'bob' } }));
  ring.push(ended(1_003_000, { by: 'operator', cause: 'kick', code: 4001 }, { id: 'c', tags: { user: 'ann' } }));
  const search = (text: string, more: object = {}) =>
    searchHistory(ring, {
      terms: parseFilter(text, { tense: 'ended' }).value,
      sinceMs: null,
      untilMs: null,
      limit: 10,
      before: null,
      ...more,
    });
  const ids = (text: string, more?: object) => search(text, more).rows.map((row) => row.id);

  test('newest first, by what they were and how they ended', () => {
    expect(ids('')).toEqual(['c', 'b', 'a']);
    expect(ids('user:ann')).toEqual(['c', 'a']);
    expect(ids('cause:server-gone user:ann')).toEqual(['a']);
    expect(ids('by:operator code:4000..4999')).toEqual(['c']);
    expect(ids('age:1s..1500ms')).toEqual(['a']);
    expect(ids('idle:40ms..40ms')).toEqual(['c', 'b', 'a']);
  });
  test('within a time, and page by page', () => {
    expect(ids('', { sinceMs: 1_002_000 })).toEqual(['c', 'b']);
    expect(ids('', { untilMs: 1_002_000 })).toEqual(['b', 'a']);
    const first = search('', { limit: 2 });
    expect(first.next).toBe(2);
    expect(ids('', { limit: 2, before: first.next })).toEqual(['a']);
    expect(first.remembersSinceMs).toBe(1_001_000);
  });
});

describe('seconds', () => {
  const second = (connections: number, upgraded: number): Second =>
    ({ ...Object.fromEntries(secondFields.map((field) => [field, 0])), connections, upgraded }) as Second;

  test('an hour of them, thinned without losing a peak', () => {
    const seconds = new Seconds();
    for (let at = 0; at < secondsMax + 10; at++) seconds.add(at * 1000, second(at === 1000 ? 99_999 : at, 2));
    const all = seconds.since(0, secondsMax);
    expect(all.atMs).toHaveLength(secondsMax);
    expect(all.atMs[0]).toBe(10_000);
    const thin = seconds.since(0, 100);
    expect(thin.atMs.length).toBeLessThanOrEqual(100);
    expect(Math.max(...thin.connections)).toBe(99_999);
    expect(new Set(thin.upgraded)).toEqual(new Set([2]));
    expect(seconds.since(3_608_000, 100).connections).toEqual([3609]);
    expect(seconds.latest).toMatchObject({ atMs: 3_609_000, connections: 3609 });
  });
});
