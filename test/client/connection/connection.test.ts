import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ClientConnection } from '../../../src/client/connection/connection.ts';
import { createInbox, type Inbox, type InboxEvent, inboxEventsMax } from '../../../src/client/connection/inbox.ts';
import { type DialledHandshake, dial } from '../../../src/client/dial/dial.ts';
import type { DialOptions } from '../../../src/client/dial/options.ts';
import { textOf } from '../../../src/ws/frame.ts';
import { acceptFor } from '../../../src/ws/handshake.ts';
import { hex } from '../../ws/chunking.ts';
import { echoServer, makeCertificates, rawServer } from '../servers.ts';

/** Long enough for a busy machine; no test waits for it to pass. */
const soon = { timeoutMs: 10_000 };

async function open(
  url: string,
  options: DialOptions = {},
): Promise<{ connection: ClientConnection; inbox: Inbox; handshake: DialledHandshake }> {
  const inbox = createInbox();
  const result = await dial(url, { ...options, onEvent: inbox.onEvent, onEnd: inbox.onEnd });
  if (!result.ok) throw new Error(`${result.failure.phase}: ${result.failure.code}: ${result.failure.detail}`);
  onTestFinished(() => result.connection.cut());
  return { connection: result.connection, inbox, handshake: result.handshake };
}

/** A server that says the handshake is right, then these bytes, and then does as it is told. */
function scripted(bytes: string, then?: (socket: import('node:net').Socket) => void) {
  return rawServer((socket) => {
    socket.once('data', (chunk) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(chunk.toString('latin1'))![1]!;
      const head = `HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`;
      socket.write(Buffer.concat([Buffer.from(head), hex(bytes)]));
      then?.(socket);
    });
  });
}

function textIn(event: InboxEvent): string {
  return event.kind === 'text' ? textOf(event.data) : `(${event.kind})`;
}

const { ca, good } = makeCertificates();

describe.each(['plain', 'TLS'])('%s', (kind) => {
  const server = () => echoServer(kind === 'TLS' ? { tls: good } : {});
  const options = { tls: { ca } };

  test('messages come back as they were sent', async () => {
    const { url } = await server();
    const { connection, inbox } = await open(url, options);
    for (const text of ['', 'Hello', 'κόσμε 😀', 'x'.repeat(70_000)]) {
      expect(connection.send(text)).toBe('sent');
      expect(textIn(await inbox.next(soon))).toBe(text);
    }
    const bytes = randomBytes(1_000_000);
    connection.send(bytes);
    const event = await inbox.next(soon);
    expect(event.kind === 'binary' && Buffer.compare(event.data, bytes)).toBe(0);
  });

  test('both ends of a close', async () => {
    const { url, peers } = await server();
    const { connection, inbox } = await open(url, options);
    const seen = new Promise((done) => peers[0]!.on('close', (code, reason) => done([code, String(reason)])));
    const end = await connection.close({ code: 4001, reason: 'bye' });
    expect(end).toMatchObject({ code: 4001, sent: { code: 4001 }, violation: null, socket: { how: 'fin' } });
    expect(await seen).toEqual([4001, 'bye']);
    expect((await inbox.next(soon)).kind).toBe('close');
    expect(await inbox.next(soon)).toEqual({ kind: 'end', end });
    expect([connection.send('late'), connection.ping(), connection.write(hex('8900'))]).toEqual(
      Array(3).fill('closing'),
    );
    expect(await connection.close()).toBe(end);
  });
});

const offers: [string, DialOptions][] = [
  ['takeover both ways', { deflate: {} }],
  ['no takeover', { deflate: { serverNoContextTakeover: true, clientNoContextTakeover: true } }],
  ['small windows', { deflate: { serverMaxWindowBits: 9, clientMaxWindowBits: 9 } }],
  ['a header as it is', { extensions: 'permessage-deflate; client_max_window_bits' }],
];

test.each(offers)('compressed: %s', async (_what, options) => {
  const { url } = await echoServer({ perMessageDeflate: { threshold: 0 } });
  const { connection, inbox, handshake } = await open(url, options);
  expect(handshake.deflate).not.toBe(null);
  for (let i = 0; i < 20; i++) {
    const text = `${i} ${'the same again and again '.repeat(i * 20)}`;
    connection.send(text, { compress: i % 3 !== 0 });
    const event = await inbox.next(soon);
    expect([textIn(event), 'compressed' in event && event.compressed]).toEqual([text, true]);
  }
  await connection.close();
  expect(connection.heldBytes).toBe(0);
});

test('pings are answered, pongs are seen', async () => {
  const { url, peers } = await echoServer();
  const { connection, inbox } = await open(url);
  const answered = new Promise((done) => peers[0]!.on('pong', (data) => done(String(data))));
  peers[0]!.ping('are you there');
  expect(await answered).toBe('are you there');
  expect((await inbox.next(soon)).kind).toBe('ping');
  connection.ping(Buffer.from('and you'));
  expect(await inbox.next(soon)).toEqual({ kind: 'pong', data: new Uint8Array(Buffer.from('and you')) });
  expect(() => connection.ping(new Uint8Array(126))).toThrow(RangeError);
});

test('bytes that come with the answer are not lost', async () => {
  const server = await scripted('81 02 68 69 88 02 03 e8', (socket) => socket.end());
  const { inbox } = await open(server.url);
  expect(textIn(await inbox.next(soon))).toBe('hi');
  expect(await inbox.next(soon)).toEqual({ kind: 'close', code: 1000, reason: '' });
  expect(await inbox.next(soon)).toMatchObject({ kind: 'end', end: { code: 1000 } });
});

describe('how it ended', () => {
  test('the server closes: the close is answered', async () => {
    const { url, peers } = await echoServer();
    const { connection } = await open(url);
    const seen = new Promise((done) => peers[0]!.on('close', done));
    peers[0]!.close(4002, 'go');
    expect(await connection.whenEnded()).toMatchObject({
      code: 4002,
      reason: 'go',
      received: { code: 4002, reason: 'go' },
      sent: { code: 4002 },
      socket: { how: 'fin' },
    });
    expect(await seen).toBe(4002);
  });

  const scripts: [string, string, ((socket: import('node:net').Socket) => void) | undefined, object][] = [
    ['a close without a code', '88 00', (socket) => socket.end(), { code: 1005, received: { code: null } }],
    [
      'the end without a close',
      '',
      (socket) => socket.end(),
      { code: 1006, received: null, sent: null, socket: { how: 'fin' } },
    ],
    [
      'a reset',
      '',
      (socket) => socket.once('data', () => socket.resetAndDestroy()),
      { code: 1006, socket: { how: 'error', code: 'ECONNRESET' } },
    ],
    ['a server that never ends after its close', '88 02 03 e8', undefined, { code: 1000, socket: { how: 'cut' } }],
    [
      'a violation',
      '81 01 ff',
      undefined,
      { code: 1006, violation: 'text-utf8', sent: { code: 1007 }, socket: { how: 'cut' } },
    ],
    [
      'a frame of 2 to the 63',
      '82 7f ff ff ff ff ff ff ff ff',
      undefined,
      { violation: 'length-too-large', sent: { code: 1002 } },
    ],
    [
      'a message over the limit',
      '82 7f 00 00 00 00 10 00 00 00',
      undefined,
      { violation: 'message-too-big', sent: { code: 1009 } },
    ],
    [
      'bytes behind the close',
      '88 00 81 00',
      undefined,
      { code: 1005, violation: 'after-close', sent: { code: null } },
    ],
  ];

  test.each(scripts)('%s', async (_what, bytes, then, expected) => {
    const server = await scripted(bytes, then);
    const { connection } = await open(server.url, { timeouts: { closeMs: 50 } });
    // For the server that waits for something before it acts.
    connection.ping();
    expect(await connection.whenEnded()).toMatchObject(expected);
  });

  test('cut by this side', async () => {
    const { url, peers } = await echoServer();
    const { connection } = await open(url);
    const seen = new Promise((done) => peers[0]!.on('close', done));
    connection.cut();
    expect(await connection.whenEnded()).toMatchObject({ code: 1006, sent: null, socket: { how: 'cut' } });
    expect(await seen).toBe(1006);
  });
});

test('replies can be left to the caller', async () => {
  const { url, peers } = await echoServer();
  const { connection, inbox } = await open(url, { replies: { pong: false, close: false } });
  const order: string[] = [];
  peers[0]!.on('pong', (data) => order.push(String(data)));
  peers[0]!.ping('unanswered');
  expect((await inbox.next(soon)).kind).toBe('ping');
  connection.pong(Buffer.from('by hand'));
  connection.send('x');
  expect(textIn(await inbox.next(soon))).toBe('x');
  expect(order).toEqual(['by hand']);
  peers[0]!.close(1001);
  expect((await inbox.next(soon)).kind).toBe('close');
  expect(connection.send('still open on this side')).toBe('sent');
});

test('what waits to be written has a bound', async () => {
  const server = await scripted('', (socket) => socket.pause());
  const { connection } = await open(server.url, { sendBufferBytesMax: 1_000_000 });
  const outcomes = Array.from({ length: 200 }, () => connection.send(new Uint8Array(100_000)));
  expect(outcomes.at(-1)).toBe('full');
  expect(connection.unsentBytes).toBeLessThanOrEqual(1_000_000 + 200);
});

test('an inbox that nobody empties stops the reading, and loses nothing', async () => {
  const { url, peers } = await echoServer();
  const { inbox, connection } = await open(url);
  const count = inboxEventsMax * 5;
  for (let i = 0; i < count; i++) peers[0]!.send(`${i} ${'x'.repeat(1000)}`);
  for (let i = 0; i < count; i++) expect(textIn(await inbox.next(soon)).split(' ')[0]).toBe(String(i));
  expect(await inbox.next({ timeoutMs: 1 })).toEqual({ kind: 'silence' });
  await connection.close();
});

test('many at once', async () => {
  const { url, peers } = await echoServer();
  let echoed = 0;
  const options: DialOptions = { onEvent: () => echoed++ };
  const results = await Promise.all(Array.from({ length: 200 }, () => dial(url, options)));
  const connections = results.map((result) => (result.ok ? result.connection : expect.fail('a dial failed')));
  expect(peers.length).toBe(200);
  for (const connection of connections) connection.send('x');
  // Each closes after its echo: the server's close frame is behind it.
  const ends = await Promise.all(connections.map((connection) => connection.close()));
  expect(new Set(ends.map((end) => end.code))).toEqual(new Set([1000]));
  expect(echoed).toBe(400);
});
