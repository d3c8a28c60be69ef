/**
 * An edge in front of a server that writes down every request that it believes to have got, for what people send to
 * plain HTTP.
 */
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { dialRaw } from '../../support/raw-socket.ts';
import { type RouteChange, type TestEdge, testPlan, testRoute } from '../edge.ts';
import { connect, echoServer, edgeFor, onCleanUp } from '../servers.ts';

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface PlainServer {
  readonly url: string;
  readonly seen: SeenRequest[];
}

/** A server of node:http, which is strict; what it is told is what counts. */
export async function plainServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end('ok'),
): Promise<PlainServer> {
  const seen: SeenRequest[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method = '', url: target = '', headers, rawHeaders } = request;
      seen.push({ method, target, headers, rawHeaders, body });
      answer(request, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

export interface RelayBench {
  readonly edge: TestEdge;
  readonly server: PlainServer;
  /** Sends the bytes on a connection of their own and gives what came until its end. */
  send(bytes: string): Promise<string>;
}

/** An edge before this server, with a bystander's WebSocket to an echo beside it. */
export async function edgeBeside(url: string, change: RouteChange = {}): Promise<TestEdge> {
  const { url: echo } = await echoServer();
  const plan = testPlan([url], change);
  const [attacked] = plan.upstreams;
  const beside = { ...attacked!, name: 'beside', servers: [{ ...attacked!.servers[0]!, url: echo }] };
  const route = { ...testRoute(), name: 'beside', match: { host: null, path: '/beside' }, upstream: 'beside' };
  const both = { ...plan, upstreams: [attacked!, beside], routes: [...plan.routes, route] };
  const edge = await edgeFor([], {}, { plan: both });
  await standBy(await connect(edge.url('/beside')));
  return edge;
}

/** Of all bystanders of a file's tests. */
export const bystanders = { worstMs: 0, echoes: 0 };

/** Its connection is there before the attack, and carries when it is over. */
async function standBy(socket: WebSocket): Promise<void> {
  const echo = async () => {
    const atMs = performance.now();
    socket.send('x');
    await once(socket, 'message');
    bystanders.worstMs = Math.max(bystanders.worstMs, performance.now() - atMs);
    bystanders.echoes++;
  };
  await echo();
  let during = true;
  const talk = (async () => {
    while (during) await echo();
  })();
  onCleanUp(async () => {
    during = false;
    await talk;
    await echo();
  });
}

export async function relayBench(change: RouteChange = {}): Promise<RelayBench> {
  const server = await plainServer();
  const edge = await edgeBeside(server.url, change);
  return { edge, server, send: (bytes) => sendTo(edge.port, bytes) };
}

export async function sendTo(port: number, bytes: string): Promise<string> {
  const socket = await dialRaw(port);
  socket.write(Buffer.from(bytes, 'latin1'));
  await socket.over;
  socket.socket.destroy();
  return socket.received.toString('latin1');
}

/** A head with its lines, and what follows it. The connection ends with the answer. */
export function head(start: string, lines: readonly string[], behind = ''): string {
  return `${[start, 'Host: localhost', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n${behind}`;
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}
