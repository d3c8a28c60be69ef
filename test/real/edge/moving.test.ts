/** Clients of others' making whose server is exchanged under them while they talk, compressed. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { chromium } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startEdge, type TestEdge } from '../../gateway/edge.ts';
import { runTalkingClient, startPythonServer } from '../support/python.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const closing = { code: 1012, reason: '', cause: 'drain', by: 'operator' } as const;

async function edgeTo(
  urls: readonly string[],
  replay: NonNullable<Parameters<typeof startEdge>[1]>['move'] = { replay: null },
) {
  const edge = await startEdge(urls, { move: replay });
  cleanups.push(() => edge.close());
  return edge;
}

/** Moves whoever is connected, over and over, until nobody is. Returns how often. */
async function keepMoving(edge: TestEdge): Promise<number> {
  const count = () => edge.events.filter(({ kind }) => kind === 'moved').length;
  await edge.next('opened');
  while (edge.gateway.registry.size > 0) {
    for (const { id } of edge.gateway.registry.all()) edge.gateway.moveConnection(id, 'drain', closing);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return count();
}

async function wsServer(
  onSocket: (socket: WebSocket, request: http.IncomingMessage) => void,
): Promise<{ url: string; cut: () => void }> {
  const server = http.createServer();
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: ([first]) => first ?? false,
  });
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => undefined);
    onSocket(socket, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  };
  cleanups.push(cut);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cut };
}

const echo = (socket: WebSocket) => socket.on('message', (data, binary) => socket.send(data, { binary }));

test('python3-websockets, to two servers of its own', async () => {
  const servers = [await startPythonServer(), await startPythonServer()];
  for (const server of servers) cleanups.push(() => server.close());
  const edge = await edgeTo(servers.map(({ url }) => url));
  const [result, moves] = await Promise.all([runTalkingClient(edge.url(), 60), keepMoving(edge)]);
  expect(result).toEqual({ right: 60, extensions: ['permessage-deflate'] });
  expect(moves).toBeGreaterThan(3);
});

test('Chromium, to two servers of ws', async () => {
  const [a, b] = [await wsServer(echo), await wsServer(echo)];
  const edge = await edgeTo([a.url, b.url]);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  cleanups.push(() => browser.close());
  const page = await browser.newPage();
  const talk = page.evaluate(async (url) => {
    const socket = new globalThis.WebSocket(url);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    let right = 0;
    for (let number = 0; number < 60; number++) {
      const message = `the same words again and again, for the ${number}th time `.repeat(20);
      const answer = new Promise<unknown>((resolve) =>
        socket.addEventListener('message', ({ data }) => resolve(data), { once: true }),
      );
      socket.send(message);
      if ((await answer) === message) right++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { extensions } = socket;
    socket.close();
    return { right, extensions };
  }, edge.url());
  const [result, moves] = await Promise.all([talk, keepMoving(edge)]);
  expect(result.right).toBe(60);
  expect(result.extensions).toContain('permessage-deflate');
  expect(result.extensions).toContain('client_no_context_takeover');
  expect(moves).toBeGreaterThan(3);
});

test('graphql-ws: an opening that ends with connection_ack is said again, and its client hears one of them', async () => {
  const heard: string[] = [];
  // A server that acks, and answers each subscription with two words and no end.
  const speak = (name: string) => (socket: WebSocket, request: http.IncomingMessage) => {
    heard.push(`${name} ${request.headers['holdline-moved'] ?? 'new'}`);
    socket.on('message', (data) => {
      const { type, id } = JSON.parse(String(data));
      heard.push(`${name} ${type}`);
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type === 'subscribe') socket.send(JSON.stringify({ type: 'next', id, payload: { data: { from: name } } }));
    });
  };
  const [a, b] = [await wsServer(speak('a')), await wsServer(speak('b'))];
  const edge = await edgeTo([a.url], { replay: { messages: null, until: 'connection_ack', bytesMax: 4096 } });
  const client = createClient({ url: edge.url(), webSocketImpl: WebSocket, retryAttempts: 0, lazy: false });
  cleanups.push(() => client.dispose());
  const ask = () =>
    new Promise((resolve, reject) => {
      client.subscribe({ query: 'subscription { word }' }, { next: resolve, error: reject, complete: () => undefined });
    });
  expect(await ask()).toEqual({ data: { from: 'a' } });
  edge.gateway.setServers('servers', [{ url: b.url, weight: 1, connectionsMax: null }]);
  a.cut();
  await edge.next('moved');
  expect(await ask()).toEqual({ data: { from: 'b' } });
  expect(heard).toEqual([
    'a new',
    'a connection_init',
    'a subscribe',
    'b server-lost',
    'b connection_init',
    'b subscribe',
  ]);
});
