/** What the page's script computes before it draws. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isolated, latency, perSecond, stormColumns } from '../../../src/web/bench/columns.ts';
import { ninesOf, ninesText, ninesTicks, percentileColumns } from '../../../src/web/bench/nines.ts';
import { madeReport } from '../../bench/run/made-report.ts';

describe('the scale of nines', () => {
  test.each([
    [0, '0 %'],
    [ninesOf(0.5), '50 %'],
    [1, '90 %'],
    [2, '99 %'],
    [3, '99.9 %'],
    [5, '99.999 %'],
  ])('%d is %s', (nines, text) => expect(ninesText(nines)).toBe(text));

  test('marks lie in the plot and do not touch', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 9, noNaN: true }), fc.integer({ min: 200, max: 2000 }), (most, width) => {
        const ticks = ninesTicks(most, width);
        for (const [index, tick] of ticks.entries()) {
          expect(tick).toBeLessThanOrEqual(most);
          if (index > 0) expect((tick - ticks[index - 1]!) * (width / most)).toBeGreaterThan(30);
        }
      }),
    );
  });

  test('the curve goes to the right, and ends with the largest', () => {
    const [xs, ys] = percentileColumns(
      [
        { share: 0, us: 10 },
        { share: 0.9, us: 20 },
        { share: 0.99, us: 30 },
        { share: 1, us: 99 },
      ],
      1000,
    );
    expect(xs.map((x) => Math.round(x * 1000) / 1000)).toEqual([0, 1, 2, 3]);
    expect(ys).toEqual([10, 20, 30, 99]);
  });

  test('of one value, or of fewer than the points', () => {
    expect(percentileColumns([{ share: 1, us: 5 }], 1)).toEqual([[Math.log10(2)], [5]]);
    const [xs, ys] = percentileColumns(
      [
        { share: 0.9, us: 20 },
        { share: 0.99, us: 30 },
        { share: 1, us: 99 },
      ],
      10,
    );
    expect([xs, ys]).toEqual([[ninesOf(0.9)], [99]]);
  });
});

describe('columns', () => {
  test('rates are of the time since the row before; a short last row has none', () => {
    const rows = [
      { atMs: 1000, sent: 10 },
      { atMs: 3000, sent: 10 },
      { atMs: 3010, sent: 10 },
    ];
    expect(perSecond(rows, (row) => row.sent)).toEqual([10, 5, null]);
  });

  test('seconds without a message are gaps, and 0 can stand on a logarithmic scale', () => {
    const [row] = madeReport(1).series;
    const rows = [null, 0, 7].map((p50) => ({ ...row!, p50 }));
    expect(latency(rows, 'p50')).toEqual([null, 1, 7]);
  });

  test('values that stand alone are found', () => {
    expect(isolated([1, null, 2, null, 3, 4, null], 0, 6)).toEqual([0, 2]);
    expect(isolated([1, null, 2, null, 3, 4, null], 1, 1)).toEqual([]);
  });

  test('the curve of a storm', () => {
    const curve = [
      { atMs: 250, open: 3, attempts: 5, returned: 3, refused: 2 },
      { atMs: 500, open: 6, attempts: 3, returned: 3, refused: 0 },
    ];
    expect(stormColumns({ atMs: 0, recoveredMs: null, curve })).toEqual({
      seconds: [0.25, 0.5],
      open: [3, 6],
      attempts: [20, 12],
      refused: [8, 0],
    });
  });
});
