/** A crowd that is late together keeps nobody else waiting. */
import { expect, test } from 'vitest';
import { InTurns } from '../../../src/gateway/listen/in-turns.ts';

const loop = () => new Promise(setImmediate);

function inTurns(eachMs: number) {
  let nowMs = 0;
  const done: number[] = [];
  const turns = new InTurns<number>(
    (which) => {
      nowMs += eachMs;
      done.push(which);
    },
    () => nowMs,
  );
  return { turns, done };
}

test('as many as 2 ms have room for are acted on in one turn, in order, and at least one', async () => {
  for (const [eachMs, expected] of [
    [0.5, 4],
    [50, 1],
  ] as const) {
    const { turns, done } = inTurns(eachMs);
    for (let which = 0; which < 6; which++) turns.add(which);
    expect(done).toEqual([]);
    await loop();
    expect(done).toEqual([0, 1, 2, 3, 4, 5].slice(0, expected));
    await expect.poll(() => done).toEqual([0, 1, 2, 3, 4, 5]);
  }
});

test('who is added while others have their turn comes behind them', async () => {
  const { turns, done } = inTurns(3);
  turns.add(0);
  turns.add(1);
  await loop();
  turns.add(2);
  await expect.poll(() => done).toEqual([0, 1, 2]);
});
