/** Servers and clients of other people's making for the tests, all on free ports, all cleaned up. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { GatewayOptions } from '../../src/gateway/contract.ts';
import { type RouteChange, startEdge, type TestEdge } from './edge.ts';

const cleanups: (() => unknown)[] = [];

/** For afterEach. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

export function onCleanUp(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** A `ws` server that echoes; `onConnection` sees each socket first. */
export async function echoServer(
  onConnection: (socket: WebSocket) => void = () => {},
): Promise<{ url: string; server: WebSocketServer }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: true });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    onConnection(socket);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  cleanups.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

export async function edgeFor(
  servers: string[],
  change: RouteChange = {},
  options: Partial<GatewayOptions> = {},
): Promise<TestEdge> {
  const started = await startEdge(servers, change, options);
  cleanups.push(() => started.close());
  return started;
}

export async function connect(
  url: string,
  options: ConstructorParameters<typeof WebSocket>[2] = {},
): Promise<WebSocket> {
  const socket = new WebSocket(url, options);
  cleanups.push(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

/** The answer to a handshake that is refused. */
export async function refusalOf(
  url: string,
  options: ConstructorParameters<typeof WebSocket>[2] = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const socket = new WebSocket(url, options);
  socket.on('error', () => {});
  return new Promise((resolve, reject) => {
    socket.on('open', () => reject(new Error('the handshake was not refused')));
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
  });
}
