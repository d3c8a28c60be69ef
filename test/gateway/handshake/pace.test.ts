import { expect, test } from 'vitest';
import { HandshakePace } from '../../../src/gateway/handshake/pace.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A pace on a clock that each handshake puts on by so much. */
function paceOf(eachMs: number): { pace: HandshakePace; begun: number[]; add(which: number): boolean } {
  let nowMs = 0;
  const begun: number[] = [];
  const pace = new HandshakePace(() => nowMs);
  const add = (which: number) =>
    pace.add(() => {
      nowMs += eachMs;
      begun.push(which);
    });
  return { pace, begun, add };
}

test.each([
  ['cheap ones', 0.1, 20],
  ['ones that take half of a turn', 1, 2],
  ['ones that take longer than a turn', 5, 1],
])('%s: as many begin in a turn as it has room for, all in order', async (_what, eachMs, perTurn) => {
  const { begun, add } = paceOf(eachMs);
  for (let i = 0; i < 50; i++) expect(add(i)).toBe(true);
  const seen = [begun.length];
  while (begun.length < 50) {
    const before = begun.length;
    await turn();
    seen.push(begun.length - before);
  }
  // The sum of many tenths is not exact.
  for (const count of seen.slice(0, -1)) expect(Math.abs(count - perTurn)).toBeLessThanOrEqual(perTurn > 2 ? 1 : 0);
  expect(begun).toEqual([...begun].sort((a, b) => a - b));
  await turn();
  expect(add(50)).toBe(true);
  expect(begun).toHaveLength(51);
});

test('a crowd that is too long is not taken, and one that never ends keeps nobody waiting for ever', async () => {
  const { begun, add } = paceOf(1);
  let refused = 0;
  for (let i = 0; i < 10_000; i++) if (!add(i)) refused++;
  expect(refused).toBe(10_000 - 2 - 4096);
  for (let i = 0; i < 3000; i++) {
    await turn();
    add(10_000 + i);
    add(10_000 + i);
  }
  expect(begun.length).toBeGreaterThan(6000);
});
