/** Message mode: the protocol is kept on both sides of the hook, and compression is agreed on with each. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import zlib from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { createDeflate } from '../../../src/ws/deflate.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import type { RawPeer } from '../../support/raw-peer.ts';
import { hookedPlan } from '../hooks/module.ts';
import { cleanUp, connect } from '../servers.ts';
import { hooked, inOrder, messages, obedient, pair, textIn } from './hooked.ts';

afterEach(cleanUp);

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
