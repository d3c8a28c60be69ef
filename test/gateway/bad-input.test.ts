import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type BadInput, carries, type RunningBench, startBench } from './bad-input/bench.ts';
import { groups, rowOf } from './bad-input/table.ts';

let bench: RunningBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

const [major = 0, minor = 0] = (process.versions.llhttp ?? '').split('.').map(Number);
/** From llhttp 9.4 on, in the last Node 22 and 24 and in 26, the parser itself refuses more. */
const strictParser = major > 9 || (major === 9 && minor >= 4);

async function check(bad: BadInput): Promise<void> {
  bench = await startBench(bad);
  await carries(bench.bystander);
  const { client, server } = bad;
  const noted = strictParser ? (bad.notedByStrictParser ?? bad.noted) : bad.noted;
  expect(await bad.run(bench)).toEqual({ client, server, noted });
  await carries(bench.bystander);
  await expect.poll(() => bench!.edge.gateway.registry.size).toBe(1);
}

describe.each(Object.entries(groups))('%s', (_title, cases) => {
  test.each(cases.map((bad) => [bad.what, bad] as const))('%s', (_what, bad) => check(bad));
});

test('the page lists these cases and no other', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/bad-input.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| Bad input'));
  expect(rows).toEqual(Object.values(groups).flatMap((cases) => cases.map(rowOf)));
});
