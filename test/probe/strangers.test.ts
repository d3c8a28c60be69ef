/** What the probe says of servers and proxies that it was not made for: the cause, how sure it is, and no harm done. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { probe } from '../../src/probe/probe.ts';
import { type Stranger, strangers } from './strangers.ts';

let server: http.Server;
let port: number;
const open = new WebSocketServer({ noServer: true });
const of = (url: string | undefined): Stranger | undefined => strangers.find(({ path }) => path === url!.split('?')[0]);

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const [status, body, ...headers] = of(request.url)?.plain ?? ['404 Not Found', 'nothing'];
    response.writeHead(
      Number(status.slice(0, 3)),
      headers.flatMap((line) => line.split(/: (.*)/).slice(0, 2)),
    );
    response.end(body);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    const stranger = of(request.url);
    if (strangers.some(({ serves }) => serves === request.url))
      return open.handleUpgrade(request, socket, head, () => {});
    if (stranger?.lets?.({ url: request.url!, headers: request.headers }) === true)
      return open.handleUpgrade(request, socket, head, () => {});
    if (stranger?.handshake === null) return void socket.destroy();
    const [status, body, ...headers] = stranger?.handshake ?? ['404 Not Found', 'nothing'];
    const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, ...headers, 'Connection: close'];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test.each(strangers.map((stranger) => [stranger.path, stranger] as const))('of %s', async (path, stranger) => {
  const { failure } = await probe(`ws://127.0.0.1:${port}${path}`, { checks: null, timeoutMs: 1000 });
  expect(failure).toMatchObject({ code: stranger.code, certainty: stranger.certainty });
  expect(failure!.cause).toMatch(stranger.cause);
});
