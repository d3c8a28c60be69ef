import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startEdge, type TestEdge } from './edge.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function echoServer(): Promise<{ url: string; server: WebSocketServer }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true });
  await once(server, 'listening');
  server.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  cleanups.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function edge(servers: string[], change = {}): Promise<TestEdge> {
  const started = await startEdge(servers, change);
  cleanups.push(() => started.close());
  return started;
}

async function connect(url: string, options = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, options);
  cleanups.push(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

test('a message makes the round trip, and the close says why', async () => {
  const { url } = await echoServer();
  const through = await edge([url]);
  const socket = await connect(through.url('/chat?token=secret'));
  socket.send('hello');
  const [data] = await once(socket, 'message');
  expect(String(data)).toBe('hello');
  socket.close(4001, 'enough');
  const { record, end } = await through.ended();
  expect(record).toMatchObject({ path: '/chat', server: url, clientMessages: 1, serverMessages: 1 });
  expect(end).toMatchObject({ by: 'client', cause: 'client-close', code: 4001, reason: 'enough' });
  expect(through.gateway.registry.size).toBe(0);
});

test('a server by its name, which public sockets dial', async () => {
  const { url } = await echoServer();
  const through = await edge([url.replace('127.0.0.1', 'localhost')]);
  const socket = await connect(through.url());
  socket.send('hello');
  expect(String((await once(socket, 'message'))[0])).toBe('hello');
});

test('an operator closes a connection: both ends get the code', async () => {
  const { url, server } = await echoServer();
  const through = await edge([url]);
  const connected = once(server, 'connection');
  const socket = await connect(through.url());
  const [serverSocket] = (await connected) as [WebSocket];
  const serverClosed = once(serverSocket, 'close');
  const { record } = await through.next('opened');
  expect(
    through.gateway.closeConnection(record.id, { code: 4100, reason: 'kicked', cause: 'kick', by: 'operator' }),
  ).toBe(true);
  const [code, reason] = await once(socket, 'close');
  expect([code, String(reason)]).toEqual([4100, 'kicked']);
  expect((await serverClosed)[0]).toBe(4100);
  expect((await through.ended()).end).toMatchObject({ by: 'operator', cause: 'kick', code: 4100 });
});

test('a message of the edge arrives between the messages of the server', async () => {
  const { url } = await echoServer();
  const through = await edge([url]);
  const socket = await connect(through.url());
  const { record } = await through.next('opened');
  const received: string[] = [];
  socket.on('message', (data) => received.push(String(data).slice(0, 10)));
  socket.send('x'.repeat(3_000_000));
  const outcomes = [through.gateway.send(record.id, { to: 'client', data: 'from the edge' })];
  await expect.poll(() => received.length).toBe(2);
  expect(outcomes).toEqual(['sent']);
  expect(received.sort()).toEqual(['from the e', 'xxxxxxxxxx']);
});

test.each([
  ['the client vanishes', 'client-reset', 1001],
  ['the server vanishes', 'server-reset', 1011],
] as const)('%s: the other is told', async (_title, cause, code) => {
  const { url, server } = await echoServer();
  const through = await edge([url]);
  const connected = once(server, 'connection');
  const socket = await connect(through.url());
  const [serverSocket] = (await connected) as [WebSocket];
  const [gone, told] = cause === 'client-reset' ? [socket, serverSocket] : [serverSocket, socket];
  const closed = once(told, 'close');
  (gone as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy();
  expect((await closed)[0]).toBe(code);
  expect((await through.ended()).end).toMatchObject({ cause, code });
});

test('compression agreed between the ends passes through', async () => {
  const { url } = await echoServer();
  const through = await edge([url]);
  const socket = await connect(through.url(), { perMessageDeflate: { threshold: 0 } });
  const text = 'the same words '.repeat(1000);
  socket.send(text);
  const [data] = await once(socket, 'message');
  expect(String(data)).toBe(text);
  const { record } = await through.next('opened');
  expect(record.compressed).toBe(true);
  expect(record.clientBytes).toBeLessThan(1000);
});
