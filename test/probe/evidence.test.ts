/**
 * Endpoints whose answer alone misleads: the cause is named by evidence, and nothing is broken that was not to be
 * broken.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { readOpening } from '../../src/client/opening.ts';
import { whyNotHarm } from '../../src/probe/harm.ts';
import { probe } from '../../src/probe/probe.ts';
import type { Endpoint } from '../../src/probe/report.ts';

let server: http.Server;
let port: number;
const open = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0]! });

type Upgrade = (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void;

function say(socket: Duplex, status: string, body: string, ...headers: readonly string[]): void {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${body.length}`, 'Connection: close', ...headers];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

const upgraded =
  (use: (client: WebSocket) => void): Upgrade =>
  (request, socket, head) =>
    open.handleUpgrade(request, socket, head, use);

function accept(request: http.IncomingMessage): string {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  return `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`;
}

const answer101 = (request: http.IncomingMessage, ...more: readonly string[]) =>
  `${['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', accept(request), ...more].join('\r\n')}\r\n\r\n`;

const paths: Readonly<Record<string, Upgrade>> = {
  '/express': (request, socket) => say(socket, '404 Not Found', `Cannot GET ${request.url}`),
  '/fastapi': (_request, socket) => say(socket, '404 Not Found', '{"detail":"Not Found"}'),
  '/socket.io': (_request, socket) => say(socket, '400 Bad Request', '{"code":3,"message":"Bad request"}'),
  '/eio': (_request, socket) => say(socket, '400 Bad Request', '{"code":1,"message":"Session ID unknown"}'),
  '/hub': (_request, socket) => say(socket, '404 Not Found', 'No Connection with that ID', 'Server: Kestrel'),
  '/cable': (request, socket, head) => {
    if (request.headers.origin === `http://127.0.0.1:${port}`) open.handleUpgrade(request, socket, head, () => {});
    else say(socket, '404 Not Found', 'Page not found');
  },
  '/ocpp': (request, socket, head) => {
    if (/ocpp1\.6/.test(request.headers['sec-websocket-protocol'] ?? ''))
      open.handleUpgrade(request, socket, head, () => {});
    else say(socket, '400 Bad Request', 'no');
  },
  '/vite': (request, socket, head) => {
    if (request.headers['sec-websocket-protocol'] === 'vite-hmr') open.handleUpgrade(request, socket, head, () => {});
  },
  '/envoy': (_request, socket) => say(socket, '403 Forbidden', '', 'server: envoy'),
  '/apache': (_request, socket) => say(socket, '500 Internal Server Error', 'x', 'Server: Apache/2.4.57'),
  '/graphql': upgraded((client) => client.on('message', () => client.close(4400, 'Invalid message received'))),
  '/acceptable': upgraded((client) => client.close(4406, 'Subprotocol not acceptable')),
  '/twice': (request, socket) => socket.write(answer101(request, 'Upgrade: websocket')),
  '/length': (request, socket) => socket.write(answer101(request, 'Content-Length: 0')),
  '/init': upgraded((client) =>
    client.on('message', (data) => {
      if (String(data) === '{"type":"connection_init"}') client.send('{"type":"connection_ack"}');
      else client.close(4401, 'Unauthorized');
    }),
  ),
  // Nobody listens for its errors: the first frame that breaks the protocol ends all of it, as it would end a process.
  '/weak': upgraded((client) => {
    client.on('message', (data, binary) => client.send(data, { binary }));
    client.on('error', () => {
      weak = false;
    });
    if (!weak) client.terminate();
  }),
};
let weak = true;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    const bodies: Record<string, string> = {
      '/express': `Cannot GET ${request.url}`,
      '/fastapi': '{"detail":"Not Found"}',
    };
    response.writeHead(path === '/socket.io' ? 400 : 404);
    response.end(bodies[path] ?? 'Page not found');
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    const path = request.url!.split('?')[0]!;
    (paths[path] ?? (() => socket.destroy()))(request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const look = (path: string, options: Parameters<typeof probe>[1] = {}) =>
  probe(`ws://127.0.0.1:${port}${path}`, { checks: null, timeoutMs: 1000, ...options });

describe('the cause', () => {
  test.each<[path: string, code: string, words: RegExp]>([
    ['/express', 'probe-upgrade-not-forwarded', /Express took the handshake for a plain GET/],
    ['/fastapi', 'probe-upgrade-not-forwarded', /FastAPI took the handshake/],
    ['/socket.io?EIO=4&transport=websocket', 'probe-upgrade-not-forwarded', /Engine\.IO/],
    ['/eio?EIO=4&transport=websocket&sid=x', 'probe-socketio-session', /Engine\.IO does not know this session/],
    ['/hub?id=x', 'probe-socketio-session', /SignalR does not know/],
    ['/cable', 'probe-origin-refused', /with Origin http/],
    ['/ocpp', 'probe-subprotocol-wanted', /ocpp1\.6/],
    ['/vite', 'probe-subprotocol-wanted', /vite-hmr/],
    ['/envoy', 'probe-upgrade-not-forwarded', /upgrade_configs/],
    ['/apache', 'probe-server-error', /mod_proxy_wstunnel/],
    ['/acceptable', 'probe-subprotocol-wanted', /subprotocol/],
    ['/twice', 'probe-upgrade-answer', /twice/],
  ])('of %s', async (path, code, words) => {
    const { failure } = await look(path);
    expect(failure?.code).toBe(code);
    expect(failure!.cause).toMatch(words);
    for (const { software } of failure!.recipes) if (path === '/apache') expect(software).toBe('Apache');
  });
});

test('who closed first is told, and with which code', async () => {
  const { walk } = await look('/graphql');
  const of = (id: string) => walk.find((step) => step.id === id)!.detail;
  expect(of('echo')).toMatch(/upon a text message, a close frame came: 4400/);
  expect(of('close')).toMatch(/^the server closed first: closed with 4400/);
});

test('Content-Length in a 101 is found', async () => {
  const { walk } = await look('/length', { timeoutMs: 300 });
  expect(walk.filter(({ id, verdict }) => id === 'accept' && verdict === 'warn').map(({ detail }) => detail)).toEqual([
    expect.stringContaining('Content-Length: 0, which a 101 must not have'),
  ]);
});

test('an opening exchange comes before everything else', async () => {
  const opening = readOpening('graphql-ws', undefined)!;
  const { walk, failure, endpoint } = await look('/init', { opening });
  expect(walk.find(({ id }) => id === 'opening')).toMatchObject({ verdict: 'pass' });
  expect(failure).toBeNull();
  expect(endpoint!.subprotocol).toBe('graphql-transport-ws');
  const wrong = await look('/init', { opening: readOpening('{"type":"hello"}', 'connection_ack')! });
  expect(wrong.failure).toMatchObject({ code: 'probe-opening', step: 'opening' });
});

test('what breaks the protocol comes only when asked for, and who ends over it is named', async () => {
  const usual = await look('/weak', { checks: { only: ['protocol', 'ping-payload'] } });
  expect(usual.checks.map(({ id }) => id)).toEqual(['ping-payload']);
  expect(weak).toBe(true);
  const asked = await look('/weak', { checks: { only: ['protocol', 'ping-payload'] }, adversarial: true });
  const [last, after] = asked.checks.slice(-2);
  expect(last).toMatchObject({ id: 'protocol-errors', verdict: 'fail', finding: expect.stringContaining('ended it') });
  expect(after).toMatchObject({ id: 'protocol-huge-frame', verdict: 'skip' });
});

test.each<[address: string, options: Parameters<typeof probe>[1], forbidden: boolean]>([
  ['127.0.0.1:80', {}, false],
  ['10.1.2.3:80', {}, false],
  ['[::1]:80', {}, false],
  ['93.184.216.34:443', {}, true],
  ['93.184.216.34:443', { ownsTarget: true }, false],
  ['127.0.0.1:3128', { proxy: 'http://127.0.0.1:3128' }, true],
])('breaking %s with %j needs consent: %s', (address, options, forbidden) => {
  expect(whyNotHarm(options!, { address } as Endpoint) !== null).toBe(forbidden);
});
