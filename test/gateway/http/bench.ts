/** An edge in front of a server that writes down every request that it believes to have got, for what people send to plain HTTP. */
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dialRaw } from '../../support/raw-socket.ts';
import type { RouteChange, TestEdge } from '../edge.ts';
import { edgeFor, onCleanUp } from '../servers.ts';

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

export async function relayBench(change: RouteChange = {}): Promise<RelayBench> {
  const server = await plainServer();
  const edge = await edgeFor([server.url], change);
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
