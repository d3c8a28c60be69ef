import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { plan, route, upstream } from '../../control/plans.ts';
import { app, drain, edgeBefore, forced, heard, open, server, state } from './apps.ts';
import { closeOf, connect, until } from './edge.ts';

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
