/** Servers that come and go under live connections, over real sockets and several workers. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { plan, route, upstream } from '../../control/plans.ts';
import { closeOf, connect, startTestEdge, type TestEdge, until } from './edge.ts';

interface App {
  readonly url: string;
  readonly sockets: WebSocketServer;
  /** What its health path answers; null: nothing ever. */
  status: number | null;
  /** Ends each connection as soon as it is open. */
  drops: boolean;
}

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function app(): Promise<App> {
  const state: App = {} as App;
  const server = http.createServer((_request, response) => {
    if (state.status === null) return;
    response.statusCode = state.status;
    response.end();
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    if (state.drops) socket.terminate();
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    status: 200,
    drops: false,
  });
}

const server = (url: string) => ({ url, weight: 1, connectionsMax: null });
const drain = { rate: { perSecond: 100 }, order: 'oldest', code: 1012, reason: 'please connect again' } as const;
const forced = { rate: null, order: null, code: null, reason: null, force: false } as const;

async function edgeBefore(apps: readonly App[], more = {}, fields = {}): Promise<TestEdge> {
  const edge = await startTestEdge({
    upstreams: [upstream({ name: 'app', servers: apps.map(({ url }) => server(url)), ...more })],
    routes: [route({ drain })],
    ...fields,
  });
  closers.push(() => edge.close());
  return edge;
}

function open(edge: TestEdge, count: number): Promise<WebSocket[]> {
  return Promise.all(Array.from({ length: count }, () => edge.connect()));
}

/** The workers have heard what was reported: what they are told comes in order, and so does a question. */
async function heard(edge: TestEdge): Promise<void> {
  for (let question = 0; question < 2; question++) await edge.supervisor.query({}, { limit: 1, after: null });
}

function state(edge: TestEdge, { url }: App) {
  return edge.supervisor.servers.rows().find((row) => row.url === url)?.state ?? null;
}

test('added, drained, undrained and removed, with counts that are right all the time', async () => {
  const [a, b] = [await app(), await app()];
  const edge = await edgeBefore([a]);
  const { servers } = edge.supervisor;
  const first = await open(edge, 20);
  const closes = first.map(closeOf);
  servers.add({ ...server(b.url), upstream: null });
  await until(() => edge.supervisor.totals().openByServer[a.url] === 20);
  await heard(edge);
  const second = await open(edge, 20);
  // Each worker knows that all of the first are on the other server, whoever of them took those in.
  expect(b.sockets.clients.size).toBeGreaterThan(16);

  const { drain: row } = await servers.drain({ upstream: null, url: a.url }, forced);
  expect(row).toMatchObject({ total: first.length + second.length - b.sockets.clients.size, ratePerSecond: 100 });
  const third = await open(edge, 10);
  expect(a.sockets.clients.size).toBeLessThanOrEqual(row.total);
  await edge.supervisor.drains.ended(row.id);
  expect(await Promise.all(closes)).toEqual(first.map(() => ({ code: 1012, reason: 'please connect again' })));
  expect(third.every((socket) => socket.readyState === WebSocket.OPEN)).toBe(true);
  await until(() => a.sockets.clients.size === 0);
  expect(state(edge, a)).toBe('draining');

  expect(servers.undrain({ upstream: null, url: a.url }).state).toBe('up');
  const held = b.sockets.clients.size;
  const removal = await servers.remove({ upstream: 'app', url: b.url }, { ...forced, rate: { perSecond: 20 } });
  await until(() => servers.rows().find(({ url, state: is }) => url === b.url && is === 'gone') ?? null);
  // It comes back while it still holds some: they are counted, and stay.
  servers.add({ ...server(b.url), upstream: 'app' });
  const { closed } = edge.supervisor.drains.get(removal.drain.id)!;
  await until(() => edge.supervisor.totals().openByServer[b.url] === held - closed);
  expect(state(edge, b)).toBe('up');
});

test('the last one is refused without force, and so is what makes no sense', async () => {
  const a = await app();
  const edge = await edgeBefore([a]);
  const { servers, drains, gates } = edge.supervisor;
  const name = { upstream: null, url: a.url };
  await expect(servers.drain(name, forced)).rejects.toMatchObject({ code: 'server-last' });
  await expect(servers.remove(name, forced)).rejects.toMatchObject({ code: 'server-last' });
  const unknown = { upstream: null, url: 'http://127.0.0.1:1' };
  await expect(servers.drain(unknown, forced)).rejects.toMatchObject({ code: 'server-unknown' });
  const add = (more: object) => () => servers.add({ ...server(a.url), upstream: null, ...more });
  const fails = (code: string) => expect.objectContaining({ code });
  expect(add({})).toThrow(fails('server-exists'));
  expect(add({ upstream: 'x' })).toThrow(fails('upstream-unknown'));
  expect(add({ url: 'ftp://x' })).toThrow(fails('server-not-usable'));
  expect(() => gates.set({ route: 'x', closed: true })).toThrow(fails('route-unknown'));
  expect((await servers.drain(name, { ...forced, force: true })).drain.state).toBe('done');
  await expect(connect(edge.url)).rejects.toThrow('502');
  expect(drains.cancel('d99')).toBeUndefined();
});

describe('health', () => {
  const health = { check: 'http', path: '/healthz', everyMs: 100, timeoutMs: 100, fall: 2, rise: 2 } as const;

  test('one that fails its checks gets nobody, keeps who it has, and comes back; each is said once', async () => {
    const [a, b] = [await app(), await app()];
    const edge = await edgeBefore([a, b], { health });
    const before = await open(edge, 10);
    const held = a.sockets.clients.size;
    a.status = null;
    await until(() => state(edge, a) === 'down');
    await open(edge, 10);
    expect(a.sockets.clients.size).toBe(held);
    a.status = 200;
    await until(() => state(edge, a) === 'up');
    await open(edge, 10);
    expect(a.sockets.clients.size).toBeGreaterThan(held);
    expect(before.every((socket) => socket.readyState === WebSocket.OPEN)).toBe(true);
    const told = edge.events.filter((event) => event.kind === 'server-state');
    expect(told.map((event) => [event.server, event.state])).toEqual([
      [a.url, 'down'],
      [a.url, 'up'],
    ]);
  });

  test('when the checks of all fail, all take clients', async () => {
    const [a, b] = [await app(), await app()];
    const edge = await edgeBefore([a, b], { health });
    a.status = b.status = 500;
    await until(() => state(edge, a) === 'down' && state(edge, b) === 'down');
    await open(edge, 10);
    expect(Math.min(a.sockets.clients.size, b.sockets.clients.size)).toBeGreaterThan(2);
  });

  test('one that drops each connection after the 101 gets few of 40 clients among three, and is suspect', async () => {
    const [a, b, c] = [await app(), await app(), await app()];
    a.drops = true;
    let got = 0;
    a.sockets.on('connection', () => got++);
    const edge = await edgeBefore([a, b, c], {}, { workers: 1 });
    for (let client = 0; client < 40; client++) {
      const socket = await edge.connect();
      socket.on('error', () => undefined);
      // As a person would: the next one comes a moment later.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(got).toBeLessThanOrEqual(8);
    await until(() => state(edge, a) === 'suspect');
  });
});

test('a drain keeps its pace, uses its code, and can be cancelled; a kick by filter keeps to the budget', async () => {
  const a = await app();
  const edge = await edgeBefore([a], {}, { drain: { budgetPerSecond: 150, deadlineMs: 0 } });
  const sockets = await open(edge, 300);
  const codes = sockets.map(closeOf);
  const { drains } = edge.supervisor;
  const request = {
    ...forced,
    target: { filter: { route: 'all' }, ids: null, worker: null },
    what: 'all',
    cause: 'drain',
  } as const;
  const { id } = await drains.start({ ...request, code: 4000, reason: 'bye' });
  await until(() => (drains.get(id)?.closed ?? 0) >= 100);
  const row = drains.cancel(id)!;
  // A hundred at 100/s take a second, on a slow machine longer.
  expect(row.elapsedMs).toBeGreaterThan(900);
  await until(() => edge.supervisor.totals().routes.all?.open === 300 - row.closed);
  expect(sockets.filter((socket) => socket.readyState === WebSocket.OPEN)).toHaveLength(300 - row.closed);

  const kick = await drains.start({ ...request, rate: { perSecond: 1e6 }, code: 4001, reason: '', cause: 'kick' });
  expect((await drains.ended(kick.id)).elapsedMs).toBeGreaterThan(((300 - row.closed - 17) / 150) * 1000);
  const counts = { 4000: 0, 4001: 0 } as Record<number, number>;
  for (const { code } of await Promise.all(codes)) counts[code]!++;
  expect(counts).toEqual({ 4000: row.closed, 4001: 300 - row.closed });
  await until(() => edge.supervisor.totals().routes.all?.open === 0);
  expect(edge.supervisor.totals().routes.all?.closes).toEqual({ drain: row.closed, kick: 300 - row.closed });
});

test('a gate for one route leaves the others open, and spreads those that it turns away', async () => {
  const a = await app();
  const routes = [
    route({ name: 'chat', match: { host: null, path: '/chat' } }),
    route({ name: 'feed', match: { host: null, path: '/feed' } }),
  ];
  const edge = await edgeBefore([a], {}, { routes });
  const inside = await edge.connect('/chat');
  edge.supervisor.gates.set({ route: 'chat', closed: true });
  await edge.supervisor.query({}, { limit: 1, after: null });
  const answers = await Promise.all(Array.from({ length: 12 }, () => refusalOf(`${edge.url}/chat`)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  expect(new Set(answers.map(({ retryAfter }) => retryAfter)).size).toBeGreaterThan(3);
  (await edge.connect('/feed')).close();
  expect(inside.readyState).toBe(WebSocket.OPEN);
  edge.supervisor.gates.set({ route: 'chat', closed: false });
  await edge.supervisor.query({}, { limit: 1, after: null });
  (await edge.connect('/chat')).close();
});

test('a reload that removes a server, or a route, drains what it leaves', async () => {
  const [a, b] = [await app(), await app()];
  const routes = [
    route({ drain }),
    route({ name: 'old', match: { host: null, path: '/old' }, drain: { ...drain, code: 4010 } }),
  ];
  const edge = await edgeBefore([a, b], {}, { routes });
  const sockets = await open(edge, 10);
  const old = await edge.connect('/old');
  const closed = closeOf(old);
  const changed = plan({
    upstreams: [upstream({ name: 'app', servers: [server(b.url)] })],
    routes: [route({ drain })],
  });
  edge.supervisor.apply({ ...changed, listen: edge.plan.listen });
  expect((await closed).code).toBe(4010);
  await until(() => a.sockets.clients.size === 0);
  await until(() => edge.supervisor.servers.rows().length === 1);
  expect(sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length).toBe(b.sockets.clients.size);
});

test('a close waits for the end of the message that is passing', async () => {
  const a = await app();
  const edge = await edgeBefore([a]);
  const socket = await edge.connect();
  const [server] = a.sockets.clients;
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(data.toString()));
  const closed = closeOf(socket);
  server!.send('first half, ', { fin: false });
  await until(() => edge.supervisor.query({}, { limit: 1, after: null }).then(({ rows }) => rows[0]!.serverBytes > 0));
  const { id } = await edge.supervisor.drains.start({
    ...forced,
    target: { filter: {}, ids: null, worker: null },
    what: 'all',
    cause: 'drain',
  });
  await edge.supervisor.drains.ended(id);
  server!.send('second half', { fin: true });
  expect((await closed).code).toBe(1012);
  expect(messages).toEqual(['first half, second half']);
});

test('SIGTERM: a drain at the pace until the deadline, then 1001; and --save writes the spec', async () => {
  const a = await app();
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-servers-'));
  const file = path.join(directory, 'holdline.yaml');
  writeFileSync(
    file,
    `listen: 127.0.0.1:0\ncontrol: 127.0.0.1:0\nworkers: 2\nupstreams: { app: { servers: ["${a.url}"] } } # ours\n` +
      'routes: { upstream: app, origins: any, drain: { rate: 20/s, code: 4000 } }\ndrain: { deadline: 1s }\n',
  );
  const main = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');
  const edge = spawn(process.execPath, [main, 'up', file]);
  let output = '';
  for (const stream of [edge.stdout, edge.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const exited = new Promise((resolve) => edge.once('exit', resolve));
  try {
    const control = await until(() => /control {2}(http:\S+)/.exec(output)?.[1] ?? null);
    const port = /edge +\S+?:(\d+)/.exec(output)?.[1];
    const added = await fetch(new URL('/servers', control), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'http://127.0.0.1:1', save: true }),
    });
    expect(added.status).toBe(200);
    expect(readFileSync(file, 'utf8')).toMatch(/127\.0\.0\.1:1.* # ours/);
    const sockets = await Promise.all(Array.from({ length: 60 }, () => connect(`ws://127.0.0.1:${port}`)));
    const closes = sockets.map(closeOf);
    edge.kill('SIGTERM');
    const codes = (await Promise.all(closes)).map(({ code }) => code);
    const drained = codes.filter((code) => code === 4000).length;
    expect(drained).toBeGreaterThan(10);
    expect(drained).toBeLessThan(30);
    expect(codes.filter((code) => code === 1001)).toHaveLength(60 - drained);
    expect(await exited).toBe(0);
  } finally {
    edge.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
});

function refusalOf(url: string): Promise<{ status: number; retryAfter: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.on('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? '' });
      socket.terminate();
    });
    socket.on('open', () => reject(new Error('it was let in')));
    socket.on('error', () => undefined);
  });
}
