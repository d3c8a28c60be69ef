/** Drains of a real edge: pace, codes, whole messages, and the end of the edge. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { app, edgeBefore, forced, open } from './apps.ts';
import { closeOf, connect, until } from './edge.ts';

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
