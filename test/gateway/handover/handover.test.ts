/**
 * A connection goes from one worker's gateway to another's while its bytes come and go: nothing is lost, doubled or
 * changed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { Connection } from '../../../src/gateway/tunnel/connection.ts';
import { encodeFrame } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import type { TestEdge } from '../edge.ts';
import { hookedPlan } from '../hooks/module.ts';
import { cleanUp, connect, echoServer, edgeFor } from '../servers.ts';
import { frozen, handOver, startMirror } from './two-edges.ts';

afterEach(cleanUp);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function twoEdges(change: Parameters<typeof edgeFor>[1] = {}) {
  const { url, server } = await echoServer();
  const first = await edgeFor([url], change, { idPrefix: 'first' });
  const second = await edgeFor([url], change, { idPrefix: 'second' });
  return { first, second, url, server, mirror: startMirror() };
}

const idOf = (edge: TestEdge) => [...edge.gateway.registry.all()][0]!.id;

/** The bytes of the client's frames, cut anywhere and written with pauses, straight into the socket under `ws`. */
async function writeInPieces(socket: WebSocket, bytes: Buffer, cuts: readonly number[]): Promise<void> {
  const raw = (socket as unknown as { _socket: import('node:net').Socket })._socket;
  let at = 0;
  for (const cut of [...new Set(cuts.map((share) => Math.floor(share * bytes.length)))].sort((a, b) => a - b)) {
    raw.write(bytes.subarray(at, cut));
    at = cut;
    await pause(1);
  }
  raw.write(bytes.subarray(at));
}

const digest = (data: Uint8Array) => `${data.length} ${createHash('sha1').update(data).digest('hex')}`;

/** Messages in frames: some whole, some in pieces, with pings in between. */
function frames(sizes: readonly number[]): { readonly bytes: Buffer; readonly messages: readonly string[] } {
  const all: Uint8Array[] = [];
  const messages: string[] = [];
  for (const [index, size] of sizes.entries()) {
    const payload = randomBytes(size);
    messages.push(digest(payload));
    const half = index % 3 === 0 ? Math.floor(size / 2) : size;
    const mask = () => new Uint8Array(randomBytes(4));
    all.push(
      encodeFrame({ opcode: opcodes.binary, fin: half === size, mask: mask(), payload: payload.subarray(0, half) }),
    );
    if (index % 4 === 0) all.push(encodeFrame({ opcode: opcodes.ping, mask: mask(), payload: randomBytes(5) }));
    if (half < size)
      all.push(encodeFrame({ opcode: opcodes.continuation, fin: true, mask: mask(), payload: payload.subarray(half) }));
  }
  return { bytes: Buffer.concat(all), messages };
}

test('random messages in random pieces, handed to and fro at random moments', async () => {
  const { first, second, mirror } = await twoEdges({ heartbeat: { everyMs: 100, timeoutMs: 5000, server: true } });
  const socket = await connect(first.url(), { autoPong: false });
  const id = idOf(first);
  let [holder, other] = [first, second];
  const received: string[] = [];
  socket.on('message', (data) => received.push(digest(data as Buffer)));
  // A pong must not land within a frame that is written in pieces.
  let written: Promise<void> = Promise.resolve();
  socket.on('ping', (data) => void written.then(() => socket.pong(data)));
  const pongs: Buffer[] = [];
  socket.on('pong', (data) => pongs.push(data));
  let expected = 0;
  const size = fc.oneof(fc.integer({ min: 0, max: 130 }), fc.integer({ min: 60_000, max: 300_000 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 8 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
      async (sizes, cuts, waits) => {
        received.length = 0;
        const { bytes, messages } = frames(sizes);
        expected += sizes.filter((_, index) => index % 4 === 0).length;
        written = writeInPieces(socket, bytes, cuts);
        for (const wait of waits) {
          await pause(wait);
          await handOver(mirror, holder, other, id);
          [holder, other] = [other, holder];
        }
        await written;
        await expect.poll(() => received, { timeout: 10_000, interval: 5 }).toEqual(messages);
      },
    ),
    { numRuns: 60 },
  );
  await expect.poll(() => pongs.length).toBe(expected);
  // The edge's own pings were answered to whoever held the connection; their pongs never reached the server or the
  // client.
  expect(pongs.every((data) => data.length === 5)).toBe(true);
  expect(holder.gateway.registry.get(id)!.rttMs).not.toBeNull();
  expect([first.gateway.registry.size + second.gateway.registry.size]).toEqual([1]);
}, 60_000);

test('what is known of the connection goes with it: identity, counters, ages, and it ends where it is', async () => {
  const { first, second, mirror, url } = await twoEdges();
  const socket = await connect(first.url('/chat?x=1'), {
    headers: { 'user-agent': 'tester' },
    origin: 'http://a.example',
  });
  socket.send('one');
  await once(socket, 'message');
  const record = [...first.gateway.registry.all()][0]!;
  const before = { ...record, route: record.route };
  await handOver(mirror, first, second, before.id);
  expect(first.gateway.registry.size).toBe(0);
  const after = second.gateway.registry.get(before.id)!;
  const { id, openedAtMs, clientPort, path, userAgent, origin } = after;
  expect({ id, openedAtMs, clientPort, path, userAgent, origin }).toEqual({
    id: before.id,
    openedAtMs: before.openedAtMs,
    clientPort: before.clientPort,
    path: '/chat',
    userAgent: 'tester',
    origin: 'http://a.example',
  });
  socket.send('two');
  await once(socket, 'message');
  expect(after).toMatchObject({ clientMessages: 2, serverMessages: 2 });
  expect([after.state, after.route]).toEqual(['open', before.route]);
  const open = (edge: TestEdge) => edge.gateway.totals();
  expect(open(first)).toMatchObject({
    routes: { [before.route]: { open: 0, closes: {} } },
    openByServer: { [url]: 0 },
  });
  expect(open(second)).toMatchObject({ routes: { [before.route]: { open: 1 } }, openByServer: { [url]: 1 } });
  socket.close(4001, 'enough');
  const { record: ended, end } = await second.ended();
  expect(ended.id).toBe(before.id);
  expect(end).toMatchObject({ by: 'client', cause: 'client-close', code: 4001 });
  expect(open(second)).toMatchObject({ routes: { [before.route]: { open: 0 } }, openByServer: { [url]: 0 } });
  expect(first.events.filter(({ kind }) => kind === 'closed')).toEqual([]);
});

test('what is asked while it stands still is done by the one who has it then', async () => {
  const { first, second, mirror } = await twoEdges();
  const socket = await connect(first.url());
  const id = idOf(first);
  const closed = once(socket, 'close');
  const message = once(socket, 'message');
  await handOver(mirror, first, second, id, () => {
    expect(first.gateway.send(id, { to: 'client', data: 'hello' })).toBe('queued');
    first.gateway.closeConnection(id, { code: 4009, reason: 'go', cause: 'kick', by: 'operator' });
  });
  expect(String((await message)[0])).toBe('hello');
  expect((await closed)[0]).toBe(4009);
  expect((await second.ended()).end).toMatchObject({ cause: 'kick' });
});

test('nobody takes it: it goes on where it was, with what came meanwhile', async () => {
  const { first } = await twoEdges();
  const socket = await connect(first.url());
  for (let round = 0; round < 3; round++) {
    const departure = await frozen(first, idOf(first));
    expect(first.gateway.depart(departure.id, 1)).toBe('closing');
    socket.send(`round ${round}`);
    await pause(20);
    departure.stay();
    expect(String((await once(socket, 'message'))[0])).toBe(`round ${round}`);
  }
});

test('a client that resets or leaves while it stands still is noticed by whoever has it next', async () => {
  const { first, second, mirror } = await twoEdges();
  const socket = await connect(first.url());
  const id = idOf(first);
  await handOver(mirror, first, second, id, async () => {
    socket.terminate();
    await pause(20);
  });
  expect((await second.ended()).end.by).toBe('client');
});

test('a reader that is behind is not handed over until what waits for it has left', async () => {
  const { first, second, mirror, server } = await twoEdges();
  const connected = once(server, 'connection');
  const socket = await connect(first.url());
  const [peer] = (await connected) as [WebSocket];
  const raw = (socket as unknown as { _socket: import('node:net').Socket })._socket;
  raw.pause();
  const sent = Array.from({ length: 60 }, () => randomBytes(256_000));
  for (const each of sent) peer.send(each);
  const tried = () => {
    const departure = first.gateway.depart(idOf(first), 1);
    if (typeof departure === 'string') return departure;
    departure.stay();
    return 'could leave';
  };
  await expect.poll(tried, { timeout: 10_000 }).toBe('behind');
  const received: string[] = [];
  socket.on('message', (data) => received.push(digest(data as Buffer)));
  raw.resume();
  await handOver(mirror, first, second, idOf(first));
  await expect.poll(() => received, { timeout: 15_000 }).toEqual(sent.map(digest));
});

test('rates go on where they were', async () => {
  const { first, second, mirror } = await twoEdges({ limits: { messagesPerSecond: 5 } });
  const socket = await connect(first.url());
  let received = 0;
  socket.on('message', () => received++);
  const id = idOf(first);
  const isHeld = (edge: TestEdge) =>
    (edge.gateway.registry.get(id) as unknown as Connection | undefined)?.upkeep.volume?.holding;
  // More than a second's worth, again and again, for as long as it takes to be held to the rate.
  let sent = 0;
  while (isHeld(first) !== true) {
    for (let i = 0; i < 8; i++) socket.send('x');
    sent += 8;
    await pause(5);
  }
  await handOver(mirror, first, second, id);
  // The other worker does not start its allowance anew.
  expect(isHeld(second)).toBe(true);
  await expect.poll(() => received, { timeout: 15_000 }).toBe(sent);
});

describe('message mode', () => {
  const shout = `export const onMessage = ({ from, data }) =>
    from === 'client' && typeof data === 'string' ? { replace: data.toUpperCase() } : undefined;`;

  test.each([true, false])('messages go through the hooks of whoever holds it, compressed: %s', async (deflate) => {
    const { url } = await echoServer();
    const plan = () => hookedPlan({ hooks: shout, servers: [url], settings: { messages: true } });
    const first = await edgeFor([], {}, { plan: plan() });
    const second = await edgeFor([], {}, { plan: plan() });
    const mirror = startMirror();
    const socket = await connect(first.url(), { perMessageDeflate: deflate ? { threshold: 0 } : false });
    const id = idOf(first);
    const received: string[] = [];
    socket.on('message', (data) => received.push(String(data)));
    let [holder, other] = [first, second];
    const sent: string[] = [];
    for (let round = 0; round < 10; round++) {
      // The same words again and again: whoever inflates them needs what came before.
      for (let i = 0; i < 5; i++) {
        const text = `round ${round} ${i} ${'all the same words '.repeat(40)}`;
        sent.push(text.toUpperCase());
        socket.send(text);
      }
      await pause(round % 4);
      await handOver(mirror, holder, other, id);
      [holder, other] = [other, holder];
    }
    await expect.poll(() => received, { timeout: 10_000 }).toEqual(sent);
    expect(holder.gateway.registry.get(id)!.compressed).toBe(deflate);
  });
});
