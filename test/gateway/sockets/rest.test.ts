/** Whoever sends without end is read a share at a time: the other sockets of the worker have their turn in between. */
import { afterAll, expect, test } from 'vitest';
import { turnBytes } from '../../../src/gateway/sockets/rest.ts';
import { loopback, wireKinds } from './loopback.ts';

const pairs = await Promise.all(wireKinds.map(async (kind) => ({ kind, over: await loopback(kind) })));
afterAll(() => {
  for (const { over } of pairs) over.close();
});

test.each(pairs)(
  '$kind: all of it arrives, and no turn of the event loop brings more than a share',
  async ({ over }) => {
    const [sender, receiver] = await over.pair();
    sender.wire.start(sender, null);
    const total = 8_000_000;
    sender.wire.write(Buffer.alloc(total, 'x'));
    // Paused until the kernel holds as much as it takes, so that there is more to read than a share.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const shares: number[] = [];
    let before = 0;
    receiver.wire.start(receiver, null);
    await new Promise<void>((resolve) => {
      const turn = () => {
        shares.push(receiver.bytes - before);
        before = receiver.bytes;
        if (receiver.bytes >= total) resolve();
        else setImmediate(turn);
      };
      turn();
    });
    expect(receiver.bytes).toBe(total);
    // With what one more read brings before a stop is heeded.
    expect(Math.max(...shares)).toBeLessThanOrEqual(turnBytes + 65_536);
    sender.wire.destroy();
    receiver.wire.destroy();
  },
);
