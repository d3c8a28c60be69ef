/** Both kinds of wire, over a real loopback pair: the same bytes and the same ends, whatever both sides do. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loopback } from './loopback.ts';
import { play, script } from './wires.ts';

const handles = await loopback('handle');
const sockets = await loopback('socket');
afterAll(() => {
  handles.close();
  sockets.close();
});

test('both kinds carry the same bytes and end in the same way', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(script, async (played) => {
      const [one, other] = [await play(handles, played), await play(sockets, played)];
      expect(one).toEqual(other);
    }),
    { numRuns: 300, interruptAfterTimeLimit: 110_000, markInterruptAsFailure: true },
  );
});
