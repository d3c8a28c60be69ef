/** Message mode: whole messages through onMessage, and the protocol kept on both sides of it. Threads run what is compiled in dist/. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import zlib from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { createDeflate } from '../../../src/ws/deflate.ts';
import { encodeFrame } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import { acceptPeer, dialPeer, type PeerEvent, type PeerOptions, type RawPeer } from '../../support/raw-peer.ts';
import { rawServer } from '../../support/raw-socket.ts';
import { carries, type RunningBench, startBench } from '../bad-input/bench.ts';
import { ends } from '../bad-input/ends.ts';
import { frames } from '../bad-input/frames.ts';
import type { RouteChange, TestEdge } from '../edge.ts';
import { type HookedPlan, hookedPlan, hooksModule } from '../hooks/module.ts';
import { cleanUp, connect, echoServer, edgeFor, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

/** Does what a text message of the client's says; everything else passes. */
const obedient = `
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  export const onMessage = async ({ connection, from, data }) => {
    if (from === 'server') return data === 'secret' ? { replace: 'hidden from ' + connection.path } : undefined;
    const [word, rest] = String(data).split(':');
    if (word === 'drop') return 'drop';
    if (word === 'replace') return { replace: rest };
    if (word === 'bytes') return { replace: Buffer.from(rest) };
    if (word === 'answer') return { answer: rest };
    if (word === 'close') return { close: { code: Number(rest), reason: 'asked for' } };
    if (word === 'throw') throw new Error('no such word');
    if (word === 'hang') await new Promise(() => {});
    if (word === 'loop') for (;;);
    if (word === 'wait') await sleep(Number(rest));
    if (word === 'nonsense') return { repalce: '' };
  };`;

const messages = { messages: true } as const;

async function hooked(options: Partial<HookedPlan> = {}): Promise<TestEdge> {
  const servers = options.servers ?? [(await echoServer()).url];
  const settings = { ...messages, ...options.settings };
  return edgeFor([], {}, { plan: hookedPlan({ hooks: obedient, ...options, servers, settings }) });
}

/** Messages of a socket, in order; `B` before those that are binary. */
function received(socket: WebSocket): string[] {
  const all: string[] = [];
  socket.on('message', (data, binary) => all.push(`${binary ? 'B' : ''}${String(data)}`));
  return all;
}

async function inOrder(socket: WebSocket, sent: readonly (string | Buffer)[], expected: readonly string[]) {
  const got = received(socket);
  for (const each of sent) socket.send(each);
  await expect.poll(() => got, { timeout: 10_000 }).toEqual(expected);
}

describe('what a hook may do with a message', () => {
  test('pass, drop, replace and answer, each in its place', async () => {
    let reached: string[] = [];
    const { url } = await echoServer((socket) => {
      reached = received(socket);
    });
    const through = await hooked({ servers: [url] });
    const socket = await connect(through.url());
    const got = received(socket);
    for (const each of ['one', 'drop', 'replace:two', 'bytes:three', Buffer.from('four'), 'answer:five', 'six'])
      socket.send(each);
    await expect.poll(() => got.length).toBe(6);
    // The answer comes straight back, and the echoes in their order from further away.
    expect(got.filter((each) => each !== 'five')).toEqual(['one', 'two', 'Bthree', 'Bfour', 'six']);
    expect(reached).toEqual(['one', 'two', 'Bthree', 'Bfour', 'six']);
  });

  test('an answer goes to the sender alone', async () => {
    const through = await hooked();
    const socket = await connect(through.url());
    await inOrder(socket, ['answer:ready', 'done'], ['ready', 'done']);
    const { record } = await through.next('opened');
    expect(record).toMatchObject({ clientMessages: 2, serverMessages: 1 });
  });

  test('messages of the server pass through it, too', async () => {
    const { url } = await echoServer((socket) => socket.send('secret'));
    const through = await hooked({ servers: [url] });
    const { peer } = await dialPeer(through.port, { target: '/inbox' });
    onCleanUp(() => peer.raw.socket.destroy());
    expect(await peer.next('text')).toMatchObject({ data: 'hidden from /inbox' });
  });

  test('close: both sides get the code', async () => {
    let serverCode = 0;
    const { url } = await echoServer((socket) =>
      socket.on('close', (code) => {
        serverCode = code;
      }),
    );
    const through = await hooked({ servers: [url] });
    const socket = await connect(through.url());
    socket.send('close:4321');
    const [code, reason] = await once(socket, 'close');
    expect([code, String(reason)]).toEqual([4321, 'asked for']);
    expect((await through.ended()).end).toMatchObject({ by: 'edge', cause: 'hook', code: 4321, reason: 'asked for' });
    expect(serverCode).toBe(4321);
  });

  test.each(['throw', 'hang', 'loop', 'nonsense'])('%s: that connection is closed, and no other', async (word) => {
    const through = await hooked({ settings: { deadlineMs: 400 } });
    const other = await connect(through.url());
    const socket = await connect(through.url());
    socket.send(word);
    // Behind a loop it waits for the next thread.
    const echoed = once(other, 'message');
    other.send('still here');
    expect((await once(socket, 'close'))[0]).toBe(1011);
    expect((await through.ended()).end).toMatchObject({ by: 'edge', cause: 'hook', code: 1011 });
    expect(String((await echoed)[0])).toBe('still here');
    expect(await through.next('hook-failed')).toMatchObject({ hook: 'onMessage', route: 'all' });
  });

  test('where the route says pass, a failure passes the message unchanged', async () => {
    const through = await hooked({ settings: { onFailure: 'pass', deadlineMs: 300 } });
    await inOrder(
      await connect(through.url()),
      ['throw', 'hang', 'nonsense', 'on'],
      ['throw', 'hang', 'nonsense', 'on'],
    );
  });

  test('a drain takes a connection that is at rest at once, and one with a message in the hook behind that message', async () => {
    const through = await hooked();
    const [atRest, busy] = [await connect(through.url()), await connect(through.url())];
    const [first, second] = [(await through.next('opened')).record, (await through.next('opened')).record];
    await inOrder(atRest, ['one'], ['one']);
    const request = { code: 1012, reason: 'a drain', by: 'edge', cause: 'drain' } as const;
    expect(through.gateway.drainConnection(first.id, request)).toBe(true);
    expect(first.state).toBe('closing');

    const got = received(busy);
    busy.send('wait:200:two');
    await expect.poll(() => through.gateway.totals().routes.all!.clientMessages).toBe(2);
    expect(through.gateway.drainConnection(second.id, request)).toBe(true);
    expect(second.state).toBe('open');
    expect((await once(busy, 'close'))[0]).toBe(1012);
    expect(got).toEqual(['wait:200:two']);
  });

  test('the order is kept, however long the hook takes for each', async () => {
    const through = await hooked();
    const words = Array.from({ length: 30 }, (_, i) => `wait:${((i * 7) % 5) * 3}:${i}`);
    await inOrder(await connect(through.url()), words, words);
  });

  test('a module without onMessage leaves the route a tunnel', async () => {
    const through = await hooked({ hooks: 'export const onOpen = () => {};' });
    await inOrder(await connect(through.url()), ['one'], ['one']);
  });

  test('a reload changes what live connections get for their next message', async () => {
    const tagging = (tag: string) =>
      `export const onMessage = ({ from, data }) => from === 'client' ? { replace: data + '${tag}' } : undefined;`;
    const file = hooksModule({ 'hooks.mjs': tagging(' one') });
    const { url } = await echoServer();
    const plan = hookedPlan({ servers: [url], hooks: file, settings: messages });
    const through = await edgeFor([], {}, { plan });
    const socket = await connect(through.url());
    await inOrder(socket, ['a'], ['a one']);
    const next = hooksModule({ 'hooks.mjs': tagging(' two') });
    through.gateway.apply({ ...plan, hooks: next });
    await through.next('hooks-loaded');
    await inOrder(socket, ['b'], ['b two']);
    through.gateway.apply({ ...plan, hooks: null });
    await expect
      .poll(async () => {
        socket.send('c');
        return String((await once(socket, 'message'))[0]);
      })
      .toBe('c');
  });
});

/** Both raw ends of a connection in message mode. */
async function pair(
  options: { headers?: string[]; client?: PeerOptions; change?: RouteChange; server?: PeerOptions } = {},
): Promise<{ client: RawPeer; server: RawPeer; head: string; serverHead: string; through: TestEdge }> {
  let accept!: (accepted: ReturnType<typeof acceptPeer>) => void;
  const accepted = new Promise<Awaited<ReturnType<typeof acceptPeer>>>((resolve, reject) => {
    accept = (upgraded) => void upgraded.then(resolve, reject);
  });
  const server = await rawServer((socket) => accept(acceptPeer(socket, {}, options.server)));
  onCleanUp(() => server.close());
  const through = await hooked({ servers: [server.url], ...(options.change ? { change: options.change } : {}) });
  const { peer: client, head } = await dialPeer(through.port, { headers: options.headers ?? [] }, options.client);
  onCleanUp(() => client.raw.socket.destroy());
  const { peer, head: serverHead } = await accepted;
  return { client, server: peer, head, serverHead, through };
}

function textIn(event: PeerEvent): string {
  return event.kind === 'close' ? event.reason : String(event.data);
}

describe('the protocol', () => {
  test('fragments arrive as one message, with a ping between them at once', async () => {
    const { client, server } = await pair();
    client.frame(opcodes.text, 'Hel', { fin: false });
    client.frame(opcodes.ping, 'now');
    expect(textIn(await server.next('ping'))).toBe('now');
    expect(textIn(await client.next('pong'))).toBe('now');
    expect(server.events.filter((event) => event.kind === 'text')).toEqual([]);
    client.frame(opcodes.continuation, 'lo', { fin: false });
    client.frame(opcodes.continuation, '');
    expect(await server.next('text')).toMatchObject({ data: 'Hello' });
  });

  test('a megabyte makes the way there and back, in either kind', async () => {
    const through = await hooked({ change: { limits: { bufferBytesMax: 64 * 1024 } } });
    const socket = await connect(through.url());
    const bytes = randomBytes(1_000_000);
    socket.send(bytes);
    const [binary, isBinary] = await once(socket, 'message');
    expect([bytes.equals(binary as Buffer), isBinary]).toEqual([true, true]);
    const text = 'grüße '.repeat(150_000);
    socket.send(text);
    expect(String((await once(socket, 'message'))[0]) === text).toBe(true);
  });

  test.each([
    ['a code and a reason', 4001, 'enough'],
    ['no code at all', null, ''],
  ] as const)('a close with %s passes behind the messages before it', async (_title, code, reason) => {
    const { client, server, through } = await pair();
    client.frame(opcodes.text, 'wait:50');
    client.frame(opcodes.text, 'last');
    client.close(code, reason);
    expect(await server.next('close')).toMatchObject({ code, reason });
    expect(server.events.map((event) => event.kind)).toEqual(['text', 'text', 'close']);
    expect(await client.next('close')).toMatchObject({ code });
    expect((await through.ended()).end).toMatchObject({ cause: 'client-close', code: code ?? 1005, reason });
  });

  test('a server that ends without a word: what it said before still arrives', async () => {
    const { client, server, through } = await pair();
    server.frame(opcodes.text, 'first');
    server.frame(opcodes.text, 'last');
    server.raw.socket.end();
    expect(await client.next('close')).toMatchObject({ code: 1011 });
    expect(client.events.map((event) => ('data' in event ? event.data : event.code))).toEqual(['first', 'last', 1011]);
    expect((await through.ended()).end.cause).toBe('server-gone');
  });

  const halves: [string, (client: RawPeer) => void][] = [
    ['within a frame', (client) => client.write(Uint8Array.of(0x81, 0x85, 1, 2, 3, 4, 5))],
    ['between two fragments', (client) => client.frame(opcodes.text, 'half', { fin: false })],
  ];
  test.each(halves)('a client that ends %s: the server is told, and gets no half of it', async (_title, act) => {
    const { client, server, through } = await pair();
    client.frame(opcodes.text, 'whole');
    act(client);
    client.raw.socket.end();
    expect(await server.next('close')).toMatchObject({ code: 1001 });
    expect(server.events.map((event) => event.kind)).toEqual(['text', 'close']);
    expect((await through.ended()).end).toMatchObject({ cause: 'client-gone', code: 1001 });
  });

  test('a client that is reset while the hook thinks: the cause stays, and nothing is left', async () => {
    const { client, server, through } = await pair();
    client.frame(opcodes.text, 'wait:300');
    client.frame(opcodes.text, 'behind');
    client.raw.reset();
    expect(await server.next('close')).toMatchObject({ code: 1001 });
    expect((await through.ended()).end.cause).toMatch(/client-(reset|gone)/);
    expect(through.gateway.registry.size).toBe(0);
  });

  test('both reset while the hook thinks: the connection ends once', async () => {
    const { client, server, through } = await pair();
    client.frame(opcodes.text, 'wait:200');
    await through.next('opened');
    client.raw.reset();
    server.raw.reset();
    await through.ended();
    expect(through.gateway.registry.size).toBe(0);
    client.raw.socket.destroy();
    expect(through.gateway.totals().routes.all).toMatchObject({ open: 0, bufferedBytes: 0 });
  });

  test.each([
    ['a text that is not UTF-8', opcodes.text, [0x61, 0xff], 1007, 'client-protocol-error'],
    ['a message over the limit', opcodes.binary, new Array(1001).fill(0), 1009, 'message-too-big'],
  ] as const)('%s closes with the right code', async (_title, opcode, bytes, code, cause) => {
    const { client, server, through } = await pair({ change: { limits: { messageBytesMax: 1000 } } });
    client.frame(opcode, Uint8Array.from(bytes));
    expect(await client.next('close')).toMatchObject({ code });
    expect(await server.next('close')).toMatchObject({ code: 1001 });
    expect((await through.ended()).end).toMatchObject({ cause, code });
  });

  test('the heartbeat, the idle timeout and an operator’s close work as in a tunnel', async () => {
    const change = { heartbeat: { everyMs: 200, timeoutMs: 2000, server: true }, idleTimeoutMs: 60_000 };
    const through = await hooked({ change });
    const socket = await connect(through.url());
    const { record } = await through.next('opened');
    await expect.poll(() => record.rttMs, { timeout: 5000 }).not.toBeNull();
    expect(through.gateway.send(record.id, { to: 'client', data: 'from the edge' })).toBe('sent');
    expect(String((await once(socket, 'message'))[0])).toBe('from the edge');
    through.gateway.apply(
      hookedPlan({ servers: [record.server], hooks: obedient, settings: messages, change: { idleTimeoutMs: 300 } }),
    );
    expect((await once(socket, 'close'))[0]).toBe(1001);
    expect((await through.ended()).end.cause).toBe('idle-timeout');
  });
});

describe('compression', () => {
  const offer = ['Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'];
  const codec = (role: 'client') =>
    createDeflate({
      zlib,
      role,
      messageBytesMax: 1e7,
      agreement: {
        serverNoContextTakeover: false,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 15,
        clientMaxWindowBits: 15,
      },
    });

  test('is agreed on with the client alone; contexts are kept from message to message', async () => {
    const { deflater, inflater } = codec('client');
    const { client, server, head, serverHead, through } = await pair({ headers: offer, client: { inflater } });
    expect(head).toMatch(/^Sec-WebSocket-Extensions: permessage-deflate\r$/im);
    expect(serverHead).not.toMatch(/extensions/i);
    expect((await through.next('opened')).record.compressed).toBe(true);
    const texts = Array.from({ length: 5 }, (_, i) => `${'the same words '.repeat(40)}${i}`);
    for (const text of texts) client.frame(opcodes.text, deflater.deflate(Buffer.from(text)), { rsv1: true });
    await server.next('text', 5);
    expect(server.events).toEqual(texts.map((data) => ({ kind: 'text', data })));
    for (const text of texts) server.frame(opcodes.text, text);
    await client.next('text', 5);
    expect(client.events).toEqual(texts.map((data) => ({ kind: 'text', data })));
    expect(client.raw.received.length).toBeLessThan(texts.join('').length / 2);
  });

  test('with a library on both sides, over many messages of many sizes', async () => {
    const through = await hooked();
    const socket = await connect(through.url(), { perMessageDeflate: { threshold: 0 } });
    const texts = Array.from({ length: 60 }, (_, i) => 'words and more words '.repeat(i * i).slice(0, 20_000) + i);
    await inOrder(socket, texts, texts);
  });

  test('a small frame that would become more than the limit is refused while it is inflated', async () => {
    const { deflater, inflater } = codec('client');
    const { client, through } = await pair({
      headers: offer,
      client: { inflater },
      change: { limits: { messageBytesMax: 10_000 } },
    });
    client.frame(opcodes.binary, deflater.deflate(new Uint8Array(5_000_000)), { rsv1: true });
    expect(await client.next('close')).toMatchObject({ code: 1009 });
    expect((await through.ended()).end.cause).toBe('message-too-big');
  });
});

describe('bounds', () => {
  const bufferBytesMax = 64 * 1024;

  test('a client that sends faster than the hook decides is held back, and loses nothing', async () => {
    const { client, server, through } = await pair({ change: { limits: { bufferBytesMax } } });
    const { record } = await through.next('opened');
    client.frame(opcodes.text, 'wait:500');
    const message = encodeFrame({ opcode: opcodes.binary, mask: randomBytes(4), payload: new Uint8Array(10_000) });
    for (let i = 0; i < 2000; i++) client.write(message);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, record.bufferedBytes);
    }, 5);
    onCleanUp(() => clearInterval(watch));
    await expect.poll(() => server.events.length, { timeout: 15_000 }).toBe(2001);
    expect(most).toBeGreaterThan(bufferBytesMax);
    // One read of the socket may come on top, and what the messages in it cost beside their bytes.
    expect(most).toBeLessThan(bufferBytesMax + 65_536 + 10_000);
  });

  test('empty messages are not free: they too fill the buffer', async () => {
    const { client, server, through } = await pair({ change: { limits: { bufferBytesMax } } });
    const { record } = await through.next('opened');
    client.frame(opcodes.text, 'wait:400');
    const empty = encodeFrame({ opcode: opcodes.binary, mask: randomBytes(4), payload: new Uint8Array(0) });
    client.write(Buffer.concat(Array.from({ length: 5000 }, () => empty)));
    await expect.poll(() => record.bufferedBytes).toBeGreaterThan(bufferBytesMax);
    await expect.poll(() => server.events.length, { timeout: 15_000 }).toBe(5001);
    await expect.poll(() => record.bufferedBytes).toBe(0);
  });

  test('a client that reads no answers is closed as a slow consumer', async () => {
    const through = await hooked({
      hooks: `import { randomBytes } from 'node:crypto';
        export const onMessage = () => ({ answer: randomBytes(100_000) });`,
      change: { limits: { bufferBytesMax, slowConsumerMs: 400 } },
    });
    const socket = await connect(through.url());
    socket.pause();
    for (let i = 0; i < 300; i++) socket.send('more');
    const { record } = await through.next('opened');
    expect((await through.ended()).end).toMatchObject({ cause: 'slow-consumer', code: 1013 });
    expect(record.bufferedBytes).toBeLessThan(20e6);
  }, 30_000);
});

describe('bad input in message mode, as the table of the tunnel has it', () => {
  let bench: RunningBench | null = null;
  afterEach(async () => {
    await bench?.close();
    bench = null;
  });

  /** Those that look for parts of messages, or for the client's own bytes, behind the edge: there are none in message mode. */
  const ofTunnels = /between two fragments|within a frame|before the server has answered/;
  const cases = [...frames, ...ends].filter(({ what }) => !ofTunnels.test(what));

  test.each(cases.map((bad) => [bad.what, bad] as const))('%s', async (_what, bad) => {
    const hooks = hooksModule({ 'hooks.mjs': 'export const onMessage = async () => {};' });
    const route = { ...bad.route, hooks: { messages: true, onFailure: 'refuse', deadlineMs: 2000 } } as const;
    bench = await startBench({ ...bad, route, hooks });
    const { client, server, noted } = bad;
    expect(await bad.run(bench)).toEqual({ client, server, noted });
    await carries(bench.bystander);
    await expect.poll(() => bench!.edge.gateway.registry.size).toBe(1);
  });
});
