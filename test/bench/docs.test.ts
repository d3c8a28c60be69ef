/** The page lists every metric that a threshold may ask for, and every column of the CSV, with the same words. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { csvColumns } from '../../src/bench/csv.ts';
import { metrics } from '../../src/bench/thresholds.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/bench.md'), 'utf8');

function rowsUnder(heading: string): (readonly [string, string])[] {
  const section = page.split(`| ${heading} |`)[1]!.split('\n\n')[0]!;
  return [...section.matchAll(/^\| `([a-z0-9_-]+)` \| (.*) \|$/gm)].map((row) => [row[1]!, row[2]!]);
}

test('docs/bench.md names the metrics', () => {
  expect(rowsUnder('metric')).toEqual(Object.entries(metrics).map(([name, facts]) => [name, facts.means]));
});

test('docs/bench.md names the columns of the CSV', () => {
  expect(rowsUnder('column')).toEqual(csvColumns.map(({ name, means }) => [name, means]));
});
