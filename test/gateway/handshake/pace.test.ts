import { expect, test } from 'vitest';
import { HandshakePace } from '../../../src/gateway/handshake/pace.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a few begin at once, the others in the next turns, all in order', async () => {
  const pace = new HandshakePace();
  const begun: number[] = [];
  for (let i = 0; i < 50; i++) expect(pace.add(() => begun.push(i))).toBe(true);
  const atOnce = begun.length;
  expect(atOnce).toBeGreaterThan(0);
  expect(atOnce).toBeLessThan(10);
  let turns = 0;
  while (begun.length < 50) {
    const before = begun.length;
    await turn();
    expect(begun.length - before).toBeLessThanOrEqual(2 * atOnce);
    turns++;
  }
  expect(begun).toEqual([...begun].sort((a, b) => a - b));
  expect(turns).toBeGreaterThan(3);
  expect(pace.add(() => begun.push(50))).toBe(true);
  await turn();
  expect(begun).toHaveLength(51);
});

test('a crowd that is too long is not taken', () => {
  const pace = new HandshakePace();
  let refused = 0;
  for (let i = 0; i < 10_000; i++) if (!pace.add(() => undefined)) refused++;
  expect(refused).toBeGreaterThan(5000);
});
