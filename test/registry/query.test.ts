import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePages, type Page, parseCursor, query } from '../../src/registry/query.ts';
import type { ConnectionRecord } from '../../src/registry/record.ts';
import { moment, record } from './records.ts';

test('rows carry ages instead of clock readings, and do not change with the record', () => {
  const live = record({ id: 'a', tags: { user: 'ann' } });
  const page = query([live], {}, { limit: 10, after: null }, moment);
  live.clientBytes = 99;
  expect(page).toMatchObject({ matched: 1, next: null });
  expect(page.rows[0]).toMatchObject({ id: 'a', ageMs: 10_000, idleMs: 4000, clientBytes: 0, tags: { user: 'ann' } });
  expect(page.rows[0]).not.toHaveProperty('lastDataMs');
});

test('nobody is idle for longer than they have been there, though the last data is timed by a coarser clock', () => {
  const [row] = query([record({ id: 'a', lastDataMs: -20_000 })], {}, { limit: 1, after: null }, moment).rows;
  expect(row).toMatchObject({ ageMs: 10_000, idleMs: 10_000 });
});

test('a row is nothing but the fields of a row, whatever else the record is', () => {
  class Live {
    socket = process.stdout;
    get route() {
      return 'from a getter';
    }
  }
  const { route: _, ...fields } = record({ id: 'a' });
  const live = Object.assign(new Live(), fields);
  const [row] = query([live], {}, { limit: 1, after: null }, moment).rows;
  expect(row).toMatchObject({ id: 'a', route: 'from a getter' });
  expect(row).not.toHaveProperty('socket');
});

test('ages are not negative when the wall clock was set back', () => {
  const page = query([record({ id: 'a', openedAtMs: 9e9, lastDataMs: 9e9 })], {}, { limit: 1, after: null }, moment);
  expect(page.rows[0]).toMatchObject({ ageMs: 0, idleMs: 0 });
});

test.each(['', 'x', '12', ':a', 'x:a', `1:${'a'.repeat(201)}`])('%j is no cursor', (text) => {
  expect(parseCursor(text)).toBeUndefined();
});

const ages = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 });

test('pages over several workers show every connection once, oldest first', () => {
  fc.assert(
    fc.property(fc.array(ages, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 7 }), (workers, limit) => {
      const tables = workers.map((opened, worker) =>
        opened.map((openedAtMs, index) => record({ id: `w${worker}-${index}`, openedAtMs })),
      );
      const seen = everyPage(tables, limit);
      const expected = tables.flat().sort((a, b) => a.openedAtMs - b.openedAtMs || (a.id < b.id ? -1 : 1));
      expect(seen).toEqual(expected.map((row) => row.id));
    }),
  );
});

test('a connection that ends between two pages hides no other', () => {
  const table = [1, 2, 3, 4].map((n) => record({ id: `c${n}`, openedAtMs: n }));
  const first = query(table, {}, { limit: 2, after: null }, moment);
  const second = query(table.slice(2), {}, { limit: 2, after: first.next }, moment);
  expect(second.rows.map((row) => row.id)).toEqual(['c3', 'c4']);
  expect(second.next).toBeNull();
});

test('matched counts what the filter matches, on whatever page', () => {
  const table = [1, 2, 3].map((n) => record({ id: `c${n}`, openedAtMs: n, route: n === 2 ? 'b' : 'a' }));
  const page = query(table, { route: 'a' }, { limit: 1, after: null }, moment);
  expect(page).toMatchObject({ matched: 2, next: '1:c1' });
  expect(mergePages([page, page], 1).matched).toBe(4);
});

function everyPage(tables: readonly ConnectionRecord[][], limit: number): string[] {
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const page: Page = mergePages(
      tables.map((table) => query(table, {}, { limit, after }, moment)),
      limit,
    );
    seen.push(...page.rows.map((row) => row.id));
    after = page.next;
  } while (after !== null);
  return seen;
}
