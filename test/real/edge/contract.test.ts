/** The same client against a `ws` server, directly and through the edge: both ends must see the same. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEdge, type TestEdge } from '../../gateway/edge.ts';
import { type ContractCase, type Difference, type Outcome, outcomeOf } from './contract/case.ts';
import { groups } from './contract/cases.ts';
import { startTarget, type Target } from './contract/target.ts';

let target: Target;
let edge: TestEdge;
const counts = { same: 0, 'different by intention': 0 };

beforeAll(async () => {
  target = await startTarget();
  edge = await startEdge([target.url]);
});
afterAll(async () => {
  await edge.close();
  target.close();
  const all = Object.values(groups).reduce((sum, cases) => sum + cases.length, 0);
  console.log(
    `contract: ${all} cases, ${counts.same} with the same outcome, ${counts['different by intention']} different by intention`,
  );
});

describe.each(Object.entries(groups))('%s', (_title, cases: readonly ContractCase[]) => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', async (_name, contractCase) => {
    const direct = await outcomeOf(target, target.port, contractCase);
    const through = await outcomeOf(target, edge.port, contractCase);
    const { differs } = contractCase;
    expect(through).toEqual(differs === undefined ? direct : expectedThrough(direct, differs));
    counts[differs === undefined ? 'same' : 'different by intention']++;
  });
});

test('nobody is left in the registry', async () => {
  await expect.poll(() => edge.gateway.registry.size).toBe(0);
});

/** The direct outcome with the words exchanged that are meant to differ, which have to be there. */
function expectedThrough(direct: Outcome, { client, server }: Difference): Outcome {
  return { ...direct, client: exchanged(direct.client, client), server: exchanged(direct.server, server) };
}

function exchanged(words: readonly string[], pair: Difference['client']): readonly string[] {
  if (pair === undefined) return words;
  const [before, after] = pair.map((side) => side.split(' | ')) as [string[], string[]];
  const at = words.findIndex((_, index) => before.every((word, i) => words[index + i] === word));
  expect(at, `${JSON.stringify(words)} holds ${pair[0]}`).not.toBe(-1);
  return [...words.slice(0, at), ...after, ...words.slice(at + before.length)];
}
