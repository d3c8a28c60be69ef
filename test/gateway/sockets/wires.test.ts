/** Both kinds of wire, over a real loopback pair: the same bytes and the same ends, whatever both sides do. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { loopback } from './loopback.ts';
import { tlsLoopback } from './tls-loopback.ts';
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

/** A handshake takes milliseconds; the benchmark (benchmarks/wires) plays 10,000 lives. */
test.each(['TLSv1.3', 'TLSv1.2'] as const)(
  'so do both kinds of the server side of %s',
  { timeout: 60_000 },
  async (version) => {
    const [direct, open] = [tlsLoopback('handle', version), tlsLoopback('socket', version)];
    await fc.assert(
      fc.asyncProperty(script, async (played) => {
        const [one, other] = [await play(direct, played), await play(open, played)];
        expect(one).toEqual(other);
      }),
      { numRuns: version === 'TLSv1.3' ? 60 : 20, interruptAfterTimeLimit: 55_000, markInterruptAsFailure: true },
    );
    direct.close();
    open.close();
  },
);
