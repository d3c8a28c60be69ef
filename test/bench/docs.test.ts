/** The page lists every metric that a threshold may ask for, with the same words. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { metrics } from '../../src/bench/thresholds.ts';

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/bench.md'), 'utf8');

test('docs/bench.md names the metrics', () => {
  const section = page.split('| metric |')[1]!;
  const rows = [...section.matchAll(/^\| `([a-z0-9-]+)` \| (.*) \|$/gm)].map((row) => [row[1], row[2]]);
  expect(rows).toEqual(Object.entries(metrics).map(([name, facts]) => [name, facts.means]));
});
