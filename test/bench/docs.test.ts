/** The page lists every metric that a threshold may ask for, and every column of the CSV, with the same words. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { phaseKeys, scenarioKeys } from '../../src/bench/scenario/file.ts';
import { placeholders } from '../../src/bench/scenario/template.ts';
import { metrics } from '../../src/bench/scenario/thresholds.ts';
import { csvColumns } from '../../src/report/bench/csv.ts';

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

test('docs/bench.md names the placeholders of messages', () => {
  const rows = [...page.matchAll(/^\| `\{([a-z]+)\}` \| (.*) \|$/gm)].map((row) => [row[1], row[2]]);
  expect(rows).toEqual(Object.entries(placeholders));
});

test('docs/bench.md names the keys of a scenario file', () => {
  const section = page.split('## Scenario files')[1]!.split('\n## ')[0]!;
  const [top = '', inPhase = ''] = section.split('The keys are')[1]!.split('in a phase');
  const names = (text: string) => [...text.matchAll(/`(\w+)`/g)].map((match) => match[1]).toSorted();
  expect(names(top)).toEqual([...Object.keys(scenarioKeys), 'phases'].toSorted());
  expect(names(inPhase.split('.')[0]!)).toEqual(Object.keys(phaseKeys).toSorted());
});
