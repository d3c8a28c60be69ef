import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergePlaces, placesOf, type WindowRequest } from '../../src/registry/window.ts';
import { moment, record } from './records.ts';

test('a window over several workers is that of all rows sorted', () => {
  const request = fc.record({
    sort: fc.constantFrom('age', 'rtt', 'client', 'in') as fc.Arbitrary<WindowRequest['sort']>,
    descending: fc.boolean(),
    offset: fc.integer({ min: 0, max: 60 }),
    limit: fc.integer({ min: 1, max: 20 }),
  });
  const fields = fc.record({
    rttMs: fc.option(fc.integer({ min: 0, max: 9 })),
    clientMessages: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(request, fc.array(fields, { maxLength: 900 }), (wanted, rows) => {
      const records = rows.map((row, index) => record({ id: `c${String(index).padStart(4, '0')}`, ...row }));
      const workers = [records.filter((_, index) => index % 3 === 0), records.filter((_, index) => index % 3 !== 0)];
      const answer = mergePlaces(
        workers.map((each) => placesOf(each, {}, wanted, moment)),
        wanted,
      );
      expect(answer.matched).toBe(rows.length);
      const all = placesOf(records, {}, { ...wanted, offset: 0, limit: 1000 }, moment);
      expect(answer.ids).toEqual(all.ids.slice(wanted.offset, wanted.offset + wanted.limit));
      const known = all.keys.filter((key) => key !== null);
      const sorted = [...known].sort((a, b) => (a < b ? -1 : Number(a > b)) * (wanted.descending ? -1 : 1));
      expect(known).toEqual(sorted);
      expect(all.keys.indexOf(null) === -1 || all.keys.indexOf(null) >= known.length).toBe(true);
    }),
  );
});
