import { afterEach, describe, expect, test } from 'vitest';
import { type BadInput, carries, type RunningBench, startBench } from './bad-input/bench.ts';
import { ends } from './bad-input/ends.ts';
import { frames } from './bad-input/frames.ts';
import { requests } from './bad-input/requests.ts';
import { servers } from './bad-input/servers.ts';

let bench: RunningBench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

async function check(bad: BadInput): Promise<void> {
  bench = await startBench(bad);
  await carries(bench.bystander);
  const { client, server, noted } = bad;
  expect(await bad.run(bench)).toEqual({ client, server, noted });
  await carries(bench.bystander);
  await expect.poll(() => bench!.edge.gateway.registry.size).toBe(1);
}

describe.each([
  ['requests', requests],
  ['servers', servers],
  ['frames', frames],
  ['ends', ends],
] as const)('%s', (_title, cases) => {
  test.each(cases.map((bad) => [bad.what, bad] as const))('%s', (_what, bad) => check(bad));
});
