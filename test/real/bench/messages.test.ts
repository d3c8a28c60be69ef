/** Mixes of sizes, compression, and messages with ids, against a server that keeps its own count. */
import { afterEach, expect, test } from 'vitest';
import { countingServer, echo, run } from './server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

test('a mix of sizes: bytes agree with the server, in both directions', async () => {
  const sizes = [
    { bytes: 64, share: 0.8 },
    { bytes: 4096, share: 0.2 },
  ];
  const seen = { small: 0, large: 0 };
  const { count, url } = await countingServer((peer, data, binary) => {
    seen[data.length === 64 ? 'small' : 'large']++;
    echo(peer, data, binary);
  }, closing);
  const report = await run({ url, connections: 20, messagesPerSecond: 25, durationMs: 1000, processes: 2, sizes });
  expect(report.messages).toMatchObject({
    sent: 500,
    received: 500,
    sentBytes: count.bytes,
    receivedBytes: count.bytes,
  });
  expect(count.bytes).toBe(seen.small * 64 + seen.large * 4096);
  expect(seen.large).toBeGreaterThan(90);
  expect(seen.large).toBeLessThan(110);
  expect(report.unexpected).toBe(0);
});

test('compression is really used: the server gets fewer bytes than it unpacks, and the echo comes back whole', async () => {
  const { count, url, wss } = await countingServer(echo, closing, { perMessageDeflate: { threshold: 0 } });
  const sockets: { bytesRead: number }[] = [];
  wss.on('connection', (_, request) => sockets.push(request.socket));
  const report = await run({
    url,
    connections: 4,
    messagesPerSecond: 25,
    durationMs: 1000,
    messageBytes: 2000,
    compress: true,
  });
  expect(report.connections).toMatchObject({ opened: 4, compressed: 4 });
  expect(report.messages).toMatchObject({ sent: 100, received: 100, sentBytes: 200_000, receivedBytes: 200_000 });
  expect(count).toMatchObject({ messages: 100, bytes: 200_000 });
  expect(sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0)).toBeLessThan(100_000);
});

test('a server that does not compress: nothing is compressed, and the report says so', async () => {
  const { url } = await countingServer(echo, closing);
  const report = await run({ url, connections: 2, durationMs: 500, compress: true });
  expect(report.connections).toMatchObject({ opened: 2, compressed: 0 });
  expect(report.messages).toMatchObject({ lost: 0 });
});

test('requests and replies by their ids, out of order, among other messages', async () => {
  let number = 0;
  const held: (() => void)[] = [];
  const { count, url } = await countingServer((peer, data) => {
    const { id } = JSON.parse(data.toString());
    const reply = () => peer.send(JSON.stringify({ note: 'done', re: id }));
    // Every second reply overtakes the one before; every tenth request gets none, and every 20th is told something else
    // first.
    if (++number % 10 === 0) return number % 20 === 0 ? peer.send('{"event":"tick"}') : undefined;
    if (number % 2 === 1) return void held.push(reply);
    reply();
    for (const late of held.splice(0)) late();
  }, closing);
  const report = await run({
    url,
    connections: 2,
    messagesPerSecond: 20,
    durationMs: 2000,
    graceMs: 300,
    message: '{"id":"{id}","text":"hello"}',
    reply: '"re":"(?<id>[0-9a-f]+)"',
  });
  expect(report.scenario.mode).toBe('request');
  expect(count.messages).toBe(80);
  expect(report.messages).toMatchObject({ sent: 80, sentBytes: count.bytes });
  // Of 80, eight get no reply; the last one that was held back may stay so.
  expect(report.messages!.received).toBeGreaterThanOrEqual(71);
  expect(report.messages!.received).toBeLessThanOrEqual(72);
  expect(report.unexpected).toBe(4);
});

test('numbers as ids, and a reply that comes twice', async () => {
  const seen: number[] = [];
  const { url } = await countingServer((peer, data) => {
    const { id } = JSON.parse(data.toString());
    seen.push(id);
    peer.send(`{"id":${id},"result":true}`);
    if (id === 3) peer.send(`{"id":${id},"result":true}`);
  }, closing);
  const report = await run({
    url,
    connections: 1,
    messagesPerSecond: 10,
    durationMs: 1000,
    message: '{"jsonrpc":"2.0","id":{number},"method":"ping"}',
    reply: '"id":(?<id>\\d+)',
  });
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(report.messages).toMatchObject({ sent: 10, received: 10, lost: 0 });
  expect(report.unexpected).toBe(1);
});

test('fan-out of messages of the user’s own making', async () => {
  const { url } = await countingServer((_, data, binary, all) => {
    const { text } = JSON.parse(data.toString());
    for (const peer of all) peer.send(JSON.stringify({ from: 'somebody', text }), { binary });
  }, closing);
  const report = await run({
    url,
    mode: 'fanout',
    connections: 6,
    publishers: 2,
    processes: 2,
    messagesPerSecond: 10,
    durationMs: 1000,
    message: '{"text":"hello {id}"}',
  });
  expect(report.messages).toMatchObject({ sent: 20, expected: 80, received: 80, reach: 1 });
  expect(report.unexpected).toBe(0);
});
