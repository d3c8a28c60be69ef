/** Moves that do not come about, or not at once. */
import { once } from 'node:events';
import type net from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { acceptFor } from '../../../../src/ws/handshake.ts';
import { cleanUp, connect, edgeFor, onCleanUp } from '../../servers.ts';
import { closing, ear, idOf, move, named } from './named-server.ts';

afterEach(cleanUp);

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
