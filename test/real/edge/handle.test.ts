/** What a program does with the servers of its edge, over real sockets: the handle of holdline/edge. */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { startEdge } from '../../../src/control/edge/start.ts';
import { closeOf, connect, until } from './edge.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that takes WebSockets, on a port of its own or on a socket in a directory. */
async function app(where: string | number): Promise<{ url: string; sockets: WebSocketServer }> {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  server.listen(typeof where === 'string' ? { path: where } : { port: where, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  });
  const address = server.address();
  const url = typeof address === 'string' ? `unix:${address}` : `http://127.0.0.1:${address?.port}`;
  return { url, sockets };
}

test('servers are added, also on a Unix socket, drained at a pace, undrained and removed', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-handle-'));
  closers.push(() => rmSync(directory, { recursive: true, force: true }));
  const [a, b] = [await app(0), await app(path.join(directory, 'b.sock'))];
  const edge = await startEdge({
    listen: '127.0.0.1:0',
    workers: 1,
    upstreams: { app: { servers: [a.url], slowStart: 'off' } },
    routes: [{ upstream: 'app', origins: 'any' }],
  });
  closers.push(() => edge.close({ graceMs: 1000, deadlineMs: 0 }));
  const url = `ws://127.0.0.1:${edge.addresses[0]?.port}/`;
  const first = await Promise.all(Array.from({ length: 6 }, () => connect(url)));
  const codes = Promise.all(first.map(closeOf));

  expect(edge.addServer(b.url)).toMatchObject({ url: b.url, state: 'up', origin: 'command' });
  expect(() => edge.addServer(b.url)).toThrow(expect.objectContaining({ code: 'server-exists' }));
  expect(() => edge.addServer('srv+http://_ws._tcp.example.com')).toThrow(/write it into the spec/);
  await until(() => edge.servers()[0]?.connections === 6);
  await expect(edge.drainServer(a.url, { rate: '0/s' })).rejects.toThrow(/would never close anything/);
  await expect(edge.drainServer(a.url, { code: 1006 })).rejects.toThrow(/not a close code that may be sent/);
  const { drain } = await edge.drainServer(a.url, { rate: '50/s', code: 4001, reason: 'over there' });
  expect(await edge.drainEnded(drain.id)).toMatchObject({ state: 'done', total: 6, closed: 6, ratePerSecond: 50 });
  expect(new Set((await codes).map(({ code, reason }) => `${code} ${reason}`))).toEqual(new Set(['4001 over there']));

  await Promise.all(Array.from({ length: 4 }, () => connect(url)));
  expect(b.sockets.clients.size).toBe(4);
  await expect(edge.removeServer(b.url)).rejects.toMatchObject({ code: 'server-last' });
  expect(edge.undrainServer(a.url).state).toBe('up');
  expect((await edge.removeServer(b.url, { rate: '6/m' })).server.url).toBe(b.url);
  // The first is closed at once, the next ten seconds later.
  await until(() => edge.servers().find((row) => row.url === b.url)?.connections === 3);
  const slow = edge.drains().find(({ state }) => state === 'running');
  expect(edge.cancelDrain(slow!.id).state).toBe('cancelled');
  expect(() => edge.cancelDrain('d99')).toThrow(expect.objectContaining({ code: 'drain-unknown' }));
  expect(() => edge.restart('app')).toThrow(expect.objectContaining({ code: 'upstream-not-managed' }));
  const all = await edge.drain({}, { rate: '100%/s' });
  await edge.drainEnded(all.id);
  await until(() => b.sockets.clients.size === 0);
  await until(() => edge.servers().length === 1);
});
