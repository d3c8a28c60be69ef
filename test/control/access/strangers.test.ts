/**
 * Whoever reaches the address of the control API may connect to it; that must cost neither the supervisor its
 * descriptors nor anybody the API.
 */
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ControlServer, startControlServer } from '../../../src/control/api/server.ts';
import { fakeTarget } from '../fake-target.ts';

let server: ControlServer;
const sockets: net.Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

const start = async () => {
  server = await startControlServer({
    target: fakeTarget(),
    address: { host: '127.0.0.1', port: 0 },
    tokens: { steer: 'steer-token', read: null },
  });
};

async function connect(first = ''): Promise<net.Socket> {
  const socket = net.connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.on('data', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  if (first !== '') socket.write(first);
  return socket;
}

const authorization = 'Bearer steer-token';
const head = (request: string, ...lines: string[]) =>
  `${[`${request} HTTP/1.1`, 'Host: 127.0.0.1', ...lines].join('\r\n')}\r\n\r\n`;

/** Those that the server has cut are not told of it before they are looked at. */
const open = () => sockets.filter((socket) => !socket.closed).length;

test.each([
  ['that say nothing', ''],
  ['that begin a head', 'GET /workers HTTP/1.1\r\nHost: '],
  ['that begin to sign in', `${head('POST /session', 'Content-Type: application/json', 'Content-Length: 90')}{`],
  ['whose token is wrong', head('GET /workers', 'Authorization: Bearer nonsense')],
])('more strangers than places, %s: the oldest give way, and who is known stays', async (_what, first) => {
  await start();
  const viewer = await connect(head('GET /live', `Authorization: ${authorization}`));
  await once(viewer, 'data');
  for (let i = 0; i < 300; i++) await connect(first);
  await expect.poll(open).toBeLessThanOrEqual(256);
  const answer = await fetch(`${server.url}/workers`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  expect(viewer.closed).toBe(false);
});

test('a sign-in may have a body of 16 KiB, whoever sends it', async () => {
  await start();
  const signIn = (bytes: number) =>
    fetch(`${server.url}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'x'.repeat(bytes) }),
    });
  expect((await signIn(900)).status).toBe(401);
  expect((await signIn(20_000)).status).toBe(413);
});
