/** The series as CSV: read back by the rules of RFC 4180, it is the series. */
import { expect, test } from 'vitest';
import { csvColumns, writeCsv } from '../../../src/report/bench/csv.ts';
import { madeReport } from '../../bench/run/made-report.ts';

test('a header with units, a line for each second, each ended by CR LF', () => {
  const { series } = madeReport(3, 10);
  const row = { atMs: 1003, open: 9, attempts: 4, failed: 1, dropped: 2, sent: 30, received: 29, unexpected: 5 };
  const text = writeCsv({
    series: [
      { ...row, p50: 412, p99: 1400.5, max: 7800 },
      { ...row, atMs: 2000, p50: null, p99: null, max: null },
    ],
  });
  expect(text).toBe(
    'at_ms,open,attempts,failed,dropped,sent,received,unexpected,p50_us,p99_us,max_us\r\n' +
      '1003,9,4,1,2,30,29,5,412,1400.5,7800\r\n' +
      '2000,9,4,1,2,30,29,5,,,\r\n',
  );
  expect(writeCsv({ series: [] })).toBe(`${csvColumns.map(({ name }) => name).join(',')}\r\n`);
  expect(csvColumns.map(({ of }) => of).toSorted()).toEqual(Object.keys(series[0]!).toSorted());
});

test('what is read back is what was written', () => {
  const { series } = madeReport(400);
  const [header, ...lines] = writeCsv({ series }).trimEnd().split('\r\n');
  expect(header!.split(',')).toHaveLength(csvColumns.length);
  const read = lines.map((line) =>
    Object.fromEntries(
      line.split(',').map((cell, index) => [csvColumns[index]!.of, cell === '' ? null : Number(cell)]),
    ),
  );
  expect(read).toEqual(series);
});
