/** A connection whose server is exchanged under it: what its client, the old server and the new one see. */
import { once } from 'node:events';
import type net from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { encodeFrame } from '../../../../src/ws/frame.ts';
import { acceptFor } from '../../../../src/ws/handshake.ts';
import { opcodes } from '../../../../src/ws/opcode.ts';
import { testCertificate } from '../../../support/certificate.ts';
import type { TestEdge } from '../../edge.ts';
import { cleanUp, connect, edgeFor, onCleanUp } from '../../servers.ts';

afterEach(cleanUp);

const move = { move: { replay: null } };
const closing = { code: 1012, reason: 'please connect again', cause: 'drain', by: 'operator' } as const;

interface NamedServer {
  readonly url: string;
  readonly moved: (string | undefined)[];
  readonly heard: string[];
  readonly closes: number[];
  readonly server: WebSocketServer;
  kill(): void;
}

/** Echoes with its name in front; what it hears is written down. */
async function named(name: string, options: object = {}, onSocket?: (socket: WebSocket) => void): Promise<NamedServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  const kept = { moved: [] as (string | undefined)[], heard: [] as string[], closes: [] as number[] };
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket, request) => {
    sockets.add(request.socket);
    kept.moved.push(request.headers['holdline-moved'] as string | undefined);
    socket.on('error', () => undefined);
    socket.on('close', (code) => kept.closes.push(code));
    socket.on('message', (data) => {
      kept.heard.push(String(data));
      socket.send(`${name}:${String(data)}`);
    });
    onSocket?.(socket);
  });
  const kill = () => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  onCleanUp(kill);
  return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, ...kept, server, kill };
}

function idOf(edge: TestEdge): string {
  return [...edge.gateway.registry.all()][0]!.id;
}

/** What the client hears, in order, with a wait for the next. */
function ear(socket: WebSocket) {
  const heard: string[] = [];
  let wake: (() => void) | null = null;
  socket.on('message', (data) => {
    heard.push(String(data));
    wake?.();
  });
  return {
    heard,
    async until(count: number) {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return heard;
    },
  };
}

test('a server that is lost is replaced, and the client hears the next answer', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url, b.url], move);
  const client = await connect(edge.url('/room?x=1'));
  const ears = ear(client);
  client.send('1');
  const first = (await ears.until(1))[0]!.startsWith('a') ? a : b;
  const other = first === a ? b : a;
  first.kill();
  const told = await edge.next('moved');
  expect(told).toMatchObject({ from: first.url, server: other.url, reason: 'server-lost' });
  client.send('2');
  expect((await ears.until(2))[1]).toBe(`${other === a ? 'a' : 'b'}:2`);
  expect(other.moved).toEqual(['server-lost']);
  expect([...edge.gateway.registry.all()].map(({ server }) => server)).toEqual([other.url]);
  expect(edge.gateway.totals()).toMatchObject({ openByServer: { [other.url]: 1 } });
  expect(edge.gateway.totals().routes.all!.moves).toEqual({ 'server-lost': 1 });
});

test('a drain moves: everything that was said is answered once and in order, and the old server gets a close frame', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url, b.url], move);
  const client = await connect(edge.url());
  const ears = ear(client);
  const id = idOf(edge);
  let said = 0;
  const timer = setInterval(() => client.send(String(said++)), 1);
  onCleanUp(() => clearInterval(timer));
  await ears.until(20);
  for (let moves = 0; moves < 5; moves++) {
    edge.gateway.moveConnection(id, 'drain', closing);
    await edge.next('moved');
    await ears.until(ears.heard.length + 20);
  }
  clearInterval(timer);
  await ears.until(said);
  expect(ears.heard.map((answer) => Number(answer.split(':')[1]))).toEqual([...Array(said).keys()]);
  expect(new Set([...a.closes, ...b.closes])).toEqual(new Set([1001]));
  client.close(4001, 'enough');
  expect((await edge.ended()).end).toMatchObject({ cause: 'client-close', code: 4001 });
});

test('a client over TLS stays connected when its server is drained, and when it is lost', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url, b.url], move, { certificates: [testCertificate] });
  const client = await connect(edge.url().replace('ws:', 'wss:'), { rejectUnauthorized: false });
  const ears = ear(client);
  let said = 0;
  const timer = setInterval(() => client.send(String(said++)), 2);
  onCleanUp(() => clearInterval(timer));
  await ears.until(20);
  for (let moves = 0; moves < 3; moves++) {
    edge.gateway.moveConnection(idOf(edge), 'drain', closing);
    await edge.next('moved');
    await ears.until(ears.heard.length + 20);
  }
  clearInterval(timer);
  await ears.until(said);
  expect(ears.heard.map((answer) => Number(answer.split(':')[1]))).toEqual([...Array(said).keys()]);
  const [record] = edge.gateway.registry.all();
  expect(record!.tls).toBe(true);
  const other = record!.server === a.url ? b : a;
  (other === b ? a : b).kill();
  expect(await edge.next('moved')).toMatchObject({ reason: 'server-lost', server: other.url });
  client.send('x'.repeat(100_000));
  expect((await ears.until(said + 1)).at(-1)).toHaveLength(100_002);
});

const offers = [true, { serverNoContextTakeover: true }, { clientNoContextTakeover: true, serverMaxWindowBits: 10 }];

test.each(offers)('compressed messages go on with the new server: %j', async (perMessageDeflate) => {
  const deflate = { perMessageDeflate: { threshold: 0 } };
  const [a, b] = [await named('a', deflate), await named('b', deflate)];
  const edge = await edgeFor([a.url, b.url], move);
  const client = new WebSocket(edge.url(), { perMessageDeflate });
  onCleanUp(() => client.terminate());
  const [[answer]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')]);
  expect(answer.headers['sec-websocket-extensions']).toContain('client_no_context_takeover');
  const ears = ear(client);
  const text = 'the same words again and again '.repeat(20);
  for (let round = 0; round < 6; round++) {
    client.send(text + round);
    expect((await ears.until(round + 1))[round]).toMatch(new RegExp(`^[ab]:the same.*${round}$`));
    const id = idOf(edge);
    edge.gateway.moveConnection(id, 'rebalance', closing);
    await edge.next('moved');
  }
});

test('half a message of a server that dies reaches nobody', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url], move);
  const client = await connect(edge.url());
  const ears = ear(client);
  client.send('1');
  await ears.until(1);
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  const [server] = a.server.clients;
  const frame = encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('x'.repeat(5000)) });
  const { _socket: socket } = server as unknown as { _socket: net.Socket };
  socket.write(
    Buffer.concat([
      encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('whole') }),
      frame.subarray(0, 3000),
    ]),
  );
  expect((await ears.until(2))[1]).toBe('whole');
  a.kill();
  await edge.next('moved');
  client.send('2');
  expect(await ears.until(3)).toEqual(['a:1', 'whole', 'b:2']);
});

test('replay: the first messages are sent again, and their answers are heard again', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url], { move: { replay: { messages: 2, until: null, bytesMax: 1000 } } });
  const client = await connect(edge.url());
  const ears = ear(client);
  for (const word of ['login', 'subscribe', 'hello']) client.send(word);
  await ears.until(3);
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  a.kill();
  await edge.next('moved');
  client.send('after');
  expect(await ears.until(6)).toEqual(['a:login', 'a:subscribe', 'a:hello', 'b:login', 'b:subscribe', 'b:after']);
});

test.each([false, { threshold: 0 }])(
  'replay until: what the server answers up to then is not heard again (compression %j)',
  async (perMessageDeflate) => {
    const speaks = (socket: WebSocket) => socket.send('welcome');
    const [a, b] = [await named('a', { perMessageDeflate }, speaks), await named('b', { perMessageDeflate }, speaks)];
    const edge = await edgeFor([a.url], { move: { replay: { messages: null, until: '^.:init$', bytesMax: 1000 } } });
    const client = new WebSocket(edge.url());
    onCleanUp(() => client.terminate());
    const ears = ear(client);
    await once(client, 'open');
    client.send('init');
    await ears.until(2);
    client.send('more');
    await ears.until(3);
    edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
    a.kill();
    await edge.next('moved');
    client.send('after');
    expect(await ears.until(4)).toEqual(['welcome', 'a:init', 'a:more', 'b:after']);
    expect(b.heard).toEqual(['init', 'after']);
  },
);

/** What a second server does with the handshake of a move, and what the log then says. */
const odd: readonly [
  what: string,
  options: object,
  onSocket: ((socket: WebSocket) => void) | undefined,
  detail: RegExp,
][] = [
  [
    'refuses',
    { verifyClient: (_: unknown, done: (ok: boolean, status: number) => void) => done(false, 403) },
    undefined,
    /it answered 403/,
  ],
  ['answers another subprotocol', { handleProtocols: () => 'two' }, undefined, /subprotocol two instead of one/],
  ['answers no subprotocol', { handleProtocols: () => false }, undefined, /subprotocol \(none\) instead of one/],
  [
    'answers other extensions',
    { perMessageDeflate: true },
    undefined,
    /answered the extensions with "permessage-deflate/,
  ],
  [
    'dies as soon as it has taken over',
    {},
    (socket) => socket.terminate(),
    /3 servers in a row were lost within a second/,
  ],
];

test.each(odd)('a new server that %s: the client is closed with 1012', async (_what, options, onSocket, detail) => {
  const a = await named('a', { handleProtocols: () => 'one', perMessageDeflate: false });
  const b = await named('b', { handleProtocols: () => 'one', ...options }, onSocket);
  const edge = await edgeFor([a.url], { ...move, handshake: { timeoutMs: 1000 } });
  const client = new WebSocket(edge.url(), ['one', 'two']);
  onCleanUp(() => client.terminate());
  await once(client, 'open');
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  a.kill();
  expect((await edge.next('move-failed')).detail).toMatch(detail);
  const [code] = await once(client, 'close');
  expect(code).toBe(1012);
  expect((await edge.ended()).end.cause).toBe('move-failed');
  expect(Object.values(edge.gateway.totals().openByServer)).toEqual([0]);
});

const mute: readonly (readonly [string, (socket: net.Socket) => void])[] = [
  ['its handshake', () => undefined],
  [
    'the replay',
    (socket) =>
      socket.once('data', (head) => {
        const key = /sec-websocket-key: (\S+)/i.exec(String(head))![1]!;
        socket.write(
          `HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
        );
      }),
  ],
];

test.each(mute)('a server that never answers %s leaves time for the next one', async (_what, onSocket) => {
  const a = await named('a');
  const silent = createServer((socket) => onSocket(socket.on('error', () => undefined).resume()));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onCleanUp(() => silent.close());
  const replay = { messages: 1, until: null, bytesMax: 1000 };
  const edge = await edgeFor([a.url], { move: { replay }, handshake: { timeoutMs: 3000 } });
  const client = await connect(edge.url());
  const ears = ear(client);
  client.send('first');
  await ears.until(1);
  const urls = [a.url, `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}`];
  edge.gateway.setServers(
    'servers',
    urls.map((url) => ({ url, weight: 1, connectionsMax: null })),
  );
  // One that was lost is asked last.
  for (const socket of a.server.clients) socket.terminate();
  expect(await edge.next('moved')).toMatchObject({ from: a.url, server: a.url });
  client.send('second');
  expect(await ears.until(3)).toEqual(['a:first', 'a:first', 'a:second']);
});

test('a replay that is larger than its bound: the client is closed with 1012', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const edge = await edgeFor([a.url], { move: { replay: { messages: 2, until: null, bytesMax: 200 } } });
  const client = await connect(edge.url());
  const ears = ear(client);
  client.send('x'.repeat(300));
  await ears.until(1);
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  a.kill();
  expect((await edge.next('move-failed')).detail).toBe('what has to be replayed is more than 200 bytes');
  expect((await once(client, 'close'))[0]).toBe(1012);
});

test('a drain without another server closes, and an evening out leaves the client where it is', async () => {
  const a = await named('a');
  const edge = await edgeFor([a.url], move);
  const client = await connect(edge.url());
  const ears = ear(client);
  const id = idOf(edge);
  edge.gateway.moveConnection(id, 'rebalance', closing);
  client.send('still here');
  expect(await ears.until(1)).toEqual(['a:still here']);
  edge.gateway.moveConnection(id, 'drain', closing);
  expect((await once(client, 'close'))[0]).toBe(1012);
});

test('a client that leaves while it is moved leaves nothing behind', async () => {
  const a = await named('a');
  const edge = await edgeFor([a.url], { ...move, handshake: { timeoutMs: 3000 } });
  const client = await connect(edge.url());
  a.kill();
  await once(a.server, 'close');
  client.terminate();
  expect((await edge.ended()).end.cause).toMatch(/client-(gone|reset)/);
  expect(edge.gateway.registry.size).toBe(0);
});

test('no client may say that it has been moved', async () => {
  const a = await named('a');
  const edge = await edgeFor([a.url]);
  await connect(edge.url(), { headers: { 'Holdline-Moved': 'drain' } });
  expect(a.moved).toEqual([undefined]);
});
