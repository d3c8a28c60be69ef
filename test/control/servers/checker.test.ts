/** Checks over real sockets. */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { checkOnce } from '../../../src/control/servers/checker.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listening(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function check(url: string, kind: 'http' | 'websocket' | 'tcp', path = '/', timeoutMs = 5000) {
  const health = { check: kind, path, everyMs: 1000, timeoutMs, fall: 1, rise: 1 };
  return checkOnce({ url, health, name: null, verifyTls: true, ca: null });
}

async function application(): Promise<string> {
  const server = http.createServer((request, response) => {
    response.statusCode = request.url === '/ill' ? 503 : request.url === '/moved' ? 302 : 200;
    response.end();
  });
  const sockets = new WebSocketServer({ server });
  closers.push(() => sockets.close());
  return listening(server);
}

test.each([
  ['http', '/well', true, 'answered 200'],
  ['http', '/moved', true, 'answered 302'],
  ['http', '/ill', false, 'answered 503'],
  ['websocket', '/well', true, 'answered 101'],
  ['tcp', '/', true, 'it takes connections'],
] as const)('%s %s', async (kind, path, ok, detail) => {
  expect(await check(await application(), kind, path)).toEqual({ ok, detail });
});

test('a server without WebSockets fails a handshake check, and says what it answered', async () => {
  const url = await listening(http.createServer((_request, response) => response.end()));
  expect(await check(url, 'websocket')).toEqual({ ok: false, detail: 'answered 200' });
});

test.each([
  ['no Sec-WebSocket-Accept', ''],
  ['a wrong one', 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n'],
])('a 101 that no client would be given fails a handshake check: %s', async (_, line) => {
  const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${line}\r\n`;
  const url = await listening(
    net.createServer((socket) => socket.on('error', () => {}).once('data', () => socket.write(answer))),
  );
  expect(await check(url, 'websocket')).toEqual({
    ok: false,
    detail: 'answered 101 without the Sec-WebSocket-Accept of the request',
  });
});

test.each(['http', 'websocket'] as const)(
  'a path that never answers fails a %s check after its timeout',
  async (kind) => {
    const sockets: net.Socket[] = [];
    const url = await listening(net.createServer((socket) => sockets.push(socket)));
    expect(await check(url, kind, '/', 100)).toEqual({ ok: false, detail: 'no answer within 100 ms' });
    for (const socket of sockets) socket.destroy();
  },
);

test.each(['http', 'websocket', 'tcp'] as const)('nobody there: %s', async (kind) => {
  const server = net.createServer();
  const url = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await check(url, kind)).toEqual({ ok: false, detail: 'ECONNREFUSED' });
});

test.each(['no http at all\r\n\r\n', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'])(
  'nonsense %j fails an http check',
  async (answer) => {
    const url = await listening(net.createServer((socket) => socket.on('error', () => undefined).end(answer)));
    expect((await check(url, 'http')).ok).toBe(false);
  },
);
