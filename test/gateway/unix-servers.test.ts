/** Servers on Unix sockets: handshakes and plain HTTP, over both kinds of wire (see vitest.config.ts). */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { cleanUp, connect, edgeFor, onCleanUp, refusalOf } from './servers.ts';

afterEach(cleanUp);

async function application(): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-unix-'));
  const at = path.join(directory, 'app.sock');
  const server = http.createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      response.setHeader('Location', 'http://localhost/there');
      response.end(`${request.method} ${request.url} ${bytes} ${request.headers.host}`);
    });
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) =>
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  server.listen(at);
  await once(server, 'listening');
  onCleanUp(() => {
    for (const client of sockets.clients) client.terminate();
    server.close();
    server.closeAllConnections();
    rmSync(directory, { recursive: true, force: true });
  });
  return `unix:${at}`;
}

test('a handshake, a message of megabytes, and a close', async () => {
  const url = await application();
  const edge = await edgeFor([url], { limits: { messageBytesMax: null } });
  const socket = await connect(edge.url('/chat'), { maxPayload: 8e6 });
  const sent = Buffer.alloc(3_000_000, 'holdline');
  socket.send(sent);
  const [back] = (await once(socket, 'message')) as [Buffer];
  expect(back.equals(sent)).toBe(true);
  socket.close(4001, 'enough');
  const { record, end } = await edge.ended();
  expect(record).toMatchObject({ server: url, path: '/chat' });
  expect(end).toMatchObject({ by: 'client', cause: 'client-close', code: 4001 });
});

test('plain HTTP with its body, and places that the server writes for itself', async () => {
  const edge = await edgeFor([await application()], {
    match: { host: null, path: '/' },
    path: { strip: '/app', prefix: null, replace: null },
  });
  const body = 'x'.repeat(100_000);
  const answer = await fetch(`http://127.0.0.1:${edge.port}/app/page?q=1`, {
    method: 'POST',
    body,
    redirect: 'manual',
  });
  expect(await answer.text()).toBe(`POST /page?q=1 100000 127.0.0.1:${edge.port}`);
  expect(answer.headers.get('location')).toBe(`http://127.0.0.1:${edge.port}/app/there`);
});

test('nobody listens: the path stands in what is noted', async () => {
  const edge = await edgeFor(['unix:/nowhere/app.sock']);
  expect(await refusalOf(edge.url())).toMatchObject({ status: 502 });
  const event = await edge.next('server-unreachable');
  expect(event).toMatchObject({ server: 'unix:/nowhere/app.sock' });
  expect(event.detail).toContain('connect ENOENT /nowhere/app.sock');
});
