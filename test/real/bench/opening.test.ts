/**
 * The exchange that opens a connection: said by every client before the load, and no part of what is counted as load.
 */
import { afterEach, expect, test } from 'vitest';
import { countingServer, echo, run } from './server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Echoes to those that said `connection_init` first; the others are closed with 4401. */
async function wantsInit() {
  const ready = new Set<unknown>();
  const seen = { inits: 0 };
  const { url } = await countingServer((peer, data, binary) => {
    if (ready.has(peer)) return echo(peer, data, binary);
    if (!data.toString().includes('connection_init')) return peer.close(4401, 'Unauthorized');
    seen.inits++;
    ready.add(peer);
    peer.send('{"type":"connection_ack"}');
  }, closing);
  return { url, seen };
}

const load = { connections: 4, messagesPerSecond: 10, durationMs: 1000 };

test('every client says it, and the load begins when the answer is there', async () => {
  const { url, seen } = await wantsInit();
  const report = await run({ url, ...load, first: '{"type":"connection_init"}', expect: 'connection_ack' });
  expect(seen.inits).toBe(4);
  expect(report.connections).toMatchObject({ opened: 4 });
  expect(report.messages).toMatchObject({ sent: 40, received: 40, lost: 0 });
  expect(report.unexpected).toBe(0);
});

test('a protocol’s name stands for its exchange', async () => {
  const { url, seen } = await wantsInit();
  const report = await run({ url, ...load, first: 'graphql-ws' });
  expect(seen.inits).toBe(4);
  expect(report.messages).toMatchObject({ sent: 40, received: 40, lost: 0 });
});

test('who is closed instead of answered is not open', async () => {
  const { url, seen } = await wantsInit();
  const report = await run({ url, ...load, first: 'let me in', expect: 'connection_ack' });
  expect(seen.inits).toBe(0);
  expect(report.connections).toMatchObject({ opened: 0 });
  expect(report.messages).toMatchObject({ sent: 0 });
});
