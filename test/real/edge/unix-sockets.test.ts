/**
 * An edge with two workers that clients, servers and commands reach by Unix sockets alone; and one that was killed
 * leaves no file in the way.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
const directory = mkdtempSync(path.join(tmpdir(), 'holdline-unix-'));
const here = (name: string) => path.join(directory, name);
const server = http.createServer((request, response) => response.end(String(request.headers['x-real-ip'])));
const sockets = new WebSocketServer({ server });
let edge: ChildProcess;

beforeAll(async () => {
  server.listen(here('app.sock'));
  await once(server, 'listening');
  sockets.on('connection', (socket, request) => socket.send(String(request.headers['x-real-ip'])));
  writeFileSync(
    here('holdline.yaml'),
    `listen: { address: "unix:${here('edge.sock')}", mode: "660" }
control: "unix:${here('control.sock')}"
trustedProxies: ["unix:"]
workers: 2
upstreams:
  app: { servers: "unix:${here('app.sock')}", health: { every: 500ms } }
routes:
  - { upstream: app, origins: any }
`,
  );
  edge = await up();
});

afterAll(async () => {
  if (edge.exitCode === null) edge.kill('SIGKILL');
  server.close();
  server.closeAllConnections();
  for (const client of sockets.clients) client.terminate();
  rmSync(directory, { recursive: true, force: true });
});

async function up(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main, 'up', here('holdline.yaml')], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  while (!output.includes('Ctrl-C closes')) await once(child.stdout!, 'data');
  return child;
}

async function client(address: string): Promise<{ socket: WebSocket; seen: string }> {
  const socket = new WebSocket(`ws+unix:${here('edge.sock')}:/`, { headers: { 'X-Forwarded-For': address } });
  const [seen] = (await once(socket, 'message')) as [Buffer];
  return { socket, seen: String(seen) };
}

function page(): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'X-Forwarded-For': '203.0.113.9' };
    http
      .get({ socketPath: here('edge.sock'), path: '/', headers }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      })
      .once('error', reject);
  });
}

async function holdline(...args: string[]): Promise<string> {
  const control = ['--control', `unix:${here('control.sock')}`];
  return (await promisify(execFile)(process.execPath, [main, ...args, ...control])).stdout;
}

test('handshakes and pages arrive, and the proxy’s word on the client is believed', async () => {
  const clients = await Promise.all(['203.0.113.1', '203.0.113.2', '203.0.113.3'].map(client));
  expect(clients.map(({ seen }) => seen)).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3']);
  expect(await page()).toBe('203.0.113.9');
  for (const { socket } of clients) socket.terminate();
});

test('files are for whom the spec says', () => {
  const modes = ['edge.sock', 'control.sock'].map((name) => (statSync(here(name)).mode & 0o777).toString(8));
  expect(modes).toEqual(['660', '600']);
});

test('commands reach the control API', async () => {
  const { socket } = await client('203.0.113.4');
  expect(await holdline('ls')).toContain('203.0.113.4');
  expect(await holdline('servers')).toMatch(/unix:.*app\.sock +up/);
  const closed = once(socket, 'close');
  expect(await holdline('kick', 'client:203.0.113.4', '--code', '4001')).toContain('1 connection closed with 4001');
  expect((await closed)[0]).toBe(4001);
});

test('an edge that was killed leaves files that the next one takes over; one that ends leaves none', async () => {
  edge.kill('SIGKILL');
  await once(edge, 'exit');
  expect(existsSync(here('edge.sock'))).toBe(true);
  // Its workers end when they notice; until then they answer, and nobody may take their place.
  await expect.poll(() => refused(), { timeout: 30_000 }).toBe(true);
  edge = await up();
  const { socket } = await client('203.0.113.5');
  socket.terminate();
  edge.kill('SIGTERM');
  await once(edge, 'exit');
  expect(['edge.sock', 'control.sock'].filter((name) => existsSync(here(name)))).toEqual([]);
});

function refused(): Promise<boolean> {
  return page().then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
  );
}
