/** A supervised nginx, as holdline up runs it: connections, a reload, a takeover, a killed worker, the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type NginxEngine, startNginxEngine } from '../../../src/control/engines/nginx/start.ts';
import type { EdgeEvent } from '../../../src/control/log/notices.ts';
import { readHostFacts } from '../../../src/host/edge-facts.ts';
import { freePorts } from '../../../src/host/free-ports.ts';
import { planEdge } from '../../../src/plan/edge/plan.ts';
import { specFromObject } from '../../../src/spec/read.ts';

const prefix = mkdtempSync(path.join(tmpdir(), 'holdline-engine-'));
const [port, serverPort] = await freePorts(2);
const server = new WebSocketServer({ port: serverPort!, host: '127.0.0.1' });
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
const events: EdgeEvent[] = [];
let engine: NginxEngine | null = null;

function planned(...origins: string[]) {
  const spec = specFromObject({
    engine: 'nginx',
    listen: `127.0.0.1:${port}`,
    upstreams: { app: { servers: `http://127.0.0.1:${serverPort}` } },
    routes: [{ name: 'chat', match: { path: '/chat/' }, upstream: 'app', origins }],
  }).value!;
  return { spec, plan: planEdge(spec, readHostFacts()).value };
}

function start(): Promise<NginxEngine> {
  return startNginxEngine({
    ...planned('http://app.example'),
    directory: prefix,
    prefix,
    searchPath: process.env.PATH ?? '',
    reloadsPerHour: 12,
    onEvent: (event) => events.push(event),
  });
}

async function dial(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat/room?token=secret`, { origin: 'http://app.example' });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

const open = async () => (await engine!.query({}, { limit: 10, after: null })).rows;
const until = (isSo: () => unknown) => expect.poll(isSo, { timeout: 20_000, interval: 50 });

afterAll(async () => {
  await engine?.close({ deadlineMs: 0 });
  server.close();
  rmSync(prefix, { recursive: true, force: true });
});

test('connections are listed, told when they end, kept by a reload and a takeover, and missed when their worker is killed', async () => {
  engine = await start();
  expect(engine.diagnostics.map(({ code }) => code)).toContain('generate-nginx-cannot');
  const [first, second, third] = [await dial(), await dial(), await dial()];
  await until(async () => (await open()).length).toBe(3);
  expect((await open())[0]).toMatchObject({ route: 'chat', path: '/chat/room', origin: 'http://app.example' });
  await expect(
    engine.closeConnections({ filter: {} }, { code: 1008, reason: '', cause: 'kick', by: 'operator' }),
  ).rejects.toMatchObject({ code: 'engine-cannot' });

  // The kernel counts what goes over a socket.
  first.send('x'.repeat(100_000));
  await until(async () =>
    (await open()).some(({ clientBytes, serverBytes }) => Math.min(clientBytes, serverBytes) > 1e5),
  ).toBe(true);
  expect((await open())[0]!.rttMs).not.toBeNull();

  first.close();
  await until(() => engine!.chronicle.ended.newest).toBe(1);
  const { spec, plan } = planned('http://app.example');
  expect((await engine.apply(spec, plan)).changed).toEqual([]);
  const wider = planned('http://app.example', 'http://other.example');
  expect((await engine.apply(wider.spec, wider.plan)).changed).toEqual(['routes chat']);
  expect(events.find(({ kind }) => kind === 'nginx-reloaded')).toMatchObject({
    stay: expect.stringMatching(/^2 of chat stay/),
  });
  await until(() => engine!.workers().some(({ leaving }) => leaving)).toBe(true);

  // Another supervisor in the same folder finds the nginx of the first one, and who is connected.
  const after = await start();
  expect(events.findLast(({ kind }) => kind === 'nginx-up')).toMatchObject({ found: 2 });
  expect(second.readyState).toBe(WebSocket.OPEN);
  engine = after;
  const pid = after.workers().filter(({ connections }) => connections > 0)[0]!.pid;
  const [before, held] = [
    after.totals().routes.chat!.open,
    after.workers().find((each) => each.pid === pid)!.connections,
  ];
  process.kill(pid, 'SIGKILL');
  await until(() => after.totals().routes.chat!.open).toBe(before - held);
  expect(after.totals().routes.chat!.closes['worker-crashed']).toBe(held);
  third.terminate();
}, 60_000);
