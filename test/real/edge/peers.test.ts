/** Clients and servers as people have them, unchanged, with the edge in between. */
import { once } from 'node:events';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { Server as SocketIoServer } from 'socket.io';
import { io, type Socket as SocketIoClient } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startEdge, type TestEdge } from '../../gateway/edge.ts';
import { runPythonClient, startPythonServer } from '../support/python.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function edgeTo(url: string): Promise<TestEdge> {
  const edge = await startEdge([url]);
  cleanups.push(() => edge.close());
  return edge;
}

async function listening(server: http.Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function wsEcho(): Promise<string> {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } });
  sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  const url = await listening(server);
  cleanups.push(() => {
    for (const socket of sockets.clients) socket.terminate();
  });
  return url;
}

const pythonResult = {
  empty: true,
  text: true,
  binary: true,
  large: true,
  fragments: true,
  subprotocol: 'chat',
  extensions: ['permessage-deflate'],
  code: 4001,
};

describe('ws', () => {
  test('client and server: subprotocol, compression, pings, 5 MB, close', async () => {
    const edge = await edgeTo(await wsEcho());
    const socket = new WebSocket(edge.url('/room?id=1'), ['chat'], { origin: 'https://app.example' });
    cleanups.push(() => socket.terminate());
    await once(socket, 'open');
    expect([socket.protocol, socket.extensions]).toEqual(['chat', 'permessage-deflate']);
    for (const message of ['text', Buffer.from([0, 255, 1]), Buffer.alloc(5_000_000, 'abc')]) {
      socket.send(message);
      const [data, binary] = await once(socket, 'message');
      expect(binary).toBe(typeof message !== 'string');
      expect(Buffer.from(data).equals(Buffer.from(message))).toBe(true);
    }
    socket.ping('hi');
    expect(String((await once(socket, 'pong'))[0])).toBe('hi');
    socket.close(4321, 'bye');
    const [code, reason] = await once(socket, 'close');
    expect([code, String(reason)]).toEqual([4321, 'bye']);
    const { record, end } = await edge.ended();
    expect(record).toMatchObject({
      subprotocol: 'chat',
      origin: 'https://app.example',
      path: '/room',
      clientMessages: 3,
    });
    expect(end).toMatchObject({ cause: 'client-close', code: 4321, reason: 'bye' });
  });
});

describe('python3-websockets', () => {
  test('client to a python server', async () => {
    const server = await startPythonServer();
    cleanups.push(() => server.close());
    const edge = await edgeTo(server.url);
    expect(await runPythonClient(edge.url())).toEqual(pythonResult);
    const { record, end } = await edge.ended();
    expect(record).toMatchObject({ subprotocol: 'chat', compressed: true, clientMessages: 5, serverMessages: 5 });
    expect(end).toMatchObject({ cause: 'client-close', code: 4001, reason: 'done' });
    await expect.poll(() => server.lines).toEqual(['ended 4001 done chat permessage-deflate']);
  });

  test('client to a ws server', async () => {
    const edge = await edgeTo(await wsEcho());
    expect(await runPythonClient(edge.url())).toEqual(pythonResult);
  });

  test('ws client to a python server: fragments, and a close of the server', async () => {
    const server = await startPythonServer();
    cleanups.push(() => server.close());
    const edge = await edgeTo(server.url);
    const socket = new WebSocket(edge.url(), ['chat']);
    cleanups.push(() => socket.terminate());
    await once(socket, 'open');
    socket.send('in pieces');
    expect(String((await once(socket, 'message'))[0])).toBe('one two three');
    socket.send('close');
    const [code, reason] = await once(socket, 'close');
    expect([code, String(reason)]).toEqual([4002, 'as you wish']);
    expect((await edge.ended()).end).toMatchObject({ by: 'server', cause: 'server-close', code: 4002 });
  });
});

describe('socket.io', () => {
  async function server(): Promise<string> {
    const plain = http.createServer();
    const sockets = new SocketIoServer(plain);
    sockets.on('connection', (socket) => {
      socket.on('echo', (value, answer) => answer(value));
      socket.on('join', (room, answer) => {
        void socket.join(room);
        answer();
      });
      socket.on('tell', (room, text) => sockets.to(room).emit('told', text));
    });
    const url = await listening(plain);
    cleanups.push(() => sockets.close());
    return url;
  }

  async function client(edge: TestEdge, options: Parameters<typeof io>[1] = {}): Promise<SocketIoClient> {
    const socket = io(`http://127.0.0.1:${edge.port}`, { forceNew: true, reconnection: false, ...options });
    cleanups.push(() => socket.disconnect());
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return socket;
  }

  const value = { text: 'héllo', binary: Buffer.from([1, 2, 255]) };

  test('polling first, then the upgrade', async () => {
    const edge = await edgeTo(await server());
    const socket = await client(edge);
    if (socket.io.engine.transport.name !== 'websocket')
      await new Promise((resolve) => socket.io.engine.once('upgrade', resolve));
    expect(socket.io.engine.transport.name).toBe('websocket');
    expect(edge.gateway.registry.size).toBe(1);
    expect(await socket.emitWithAck('echo', value)).toEqual(value);
    socket.disconnect();
    await edge.ended();
  });

  test('polling alone', async () => {
    const edge = await edgeTo(await server());
    const socket = await client(edge, { transports: ['polling'] });
    expect(await socket.emitWithAck('echo', value)).toEqual(value);
    expect(socket.io.engine.transport.name).toBe('polling');
    expect(edge.gateway.registry.size).toBe(0);
  });

  test('rooms over both transports', async () => {
    const edge = await edgeTo(await server());
    const [polling, direct] = [
      await client(edge, { transports: ['polling'] }),
      await client(edge, { transports: ['websocket'] }),
    ];
    const told = Promise.all([polling, direct].map((each) => new Promise((resolve) => each.once('told', resolve))));
    await Promise.all([polling, direct].map((each) => each.emitWithAck('join', 'room')));
    direct.emit('tell', 'room', 'news');
    expect(await told).toEqual(['news', 'news']);
  });
});

describe('graphql-ws', () => {
  // The same copy that graphql-ws loads: Vitest would take the package's other build, and GraphQL refuses to mix them.
  const { buildSchema } = createRequire(import.meta.url)('graphql') as typeof import('graphql');
  const schema = buildSchema('type Query { hello: String } type Subscription { count(to: Int!): Int }');
  const roots = {
    query: { hello: () => 'world' },
    subscription: {
      count: async function* ({ to }: { to: number }) {
        for (let i = 1; i <= to; i++) yield { count: i };
      },
    },
  };

  test('a query and a subscription', async () => {
    const plain = http.createServer();
    const sockets = new WebSocketServer({ server: plain, path: '/graphql' });
    const serving = useServer({ schema, roots }, sockets);
    const edge = await edgeTo(await listening(plain));
    cleanups.push(() => serving.dispose());
    const client = createClient({ url: edge.url('/graphql'), webSocketImpl: WebSocket, lazy: false, retryAttempts: 0 });
    const results = [];
    for await (const result of client.iterate({ query: '{ hello }' })) results.push(result.data);
    for await (const result of client.iterate({ query: 'subscription { count(to: 3) }' })) results.push(result.data);
    expect(results).toEqual([{ hello: 'world' }, { count: 1 }, { count: 2 }, { count: 3 }]);
    const { record } = await edge.next('opened');
    expect(record).toMatchObject({ subprotocol: 'graphql-transport-ws', path: '/graphql' });
    await client.dispose();
    expect((await edge.ended()).end).toMatchObject({ cause: 'client-close', code: 1000 });
  });
});
