/**
 * A look at a real nginx: slots, descriptors and generations as they are, and counters that leak named for what they
 * are.
 */

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { findNginx } from '../../../src/host/nginx-binary.ts';
import { childrenOf } from '../../../src/host/process-facts.ts';
import { diskReader } from '../../../src/nginx/run/disk-reader.ts';
import { generationsOf, liveFindings, liveLimits, slotsOf } from '../../../src/nginx/run/live/findings.ts';
import { type LiveReading, readLive } from '../../../src/nginx/run/live/reading.ts';
import { type RunningNginx, startNginx } from '../../../src/nginx/run/start.ts';
import { askTrial } from '../../../src/nginx/run/verify/client.ts';
import { prepareTrial, type Trial } from '../../../src/nginx/run/verify/trial.ts';
import { completeMachine } from '../../../src/plan/nginx/machine.ts';
import { renderLive } from '../../../src/report/plan/live.ts';
import { capture } from '../../cli/capture.ts';
import { prepare } from '../../nginx/generate/sites.ts';

const binary = findNginx(process.env.PATH ?? '')!;
const machine = completeMachine({ cores: 2, memoryBytes: 8 * 1024 ** 3 });
let trial: Trial;
let nginx: RunningNginx;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await nginx.close();
  await trial.close();
});

async function start(edit: (text: string) => string): Promise<void> {
  const { plan, site } = prepare('plain', binary.version);
  trial = await prepareTrial(plan, site, binary);
  const text = edit(trial.text.replace(/proxy_read_timeout \S+;/, 'proxy_read_timeout 1h;'));
  nginx = await startNginx({ binary, text, directory: trial.directory, ports: trial.ports });
}

async function connect(count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let made = 0; made < count; made++) {
    const answer = await askTrial({
      port: trial.ports[0]!,
      secure: false,
      host: 'localhost',
      path: '/',
      upgrade: 'websocket',
    });
    if (answer.status === 101) sockets.push(answer.socket);
    statuses.push(answer.status);
  }
  return statuses;
}

function look(target = String(nginx.pid)): Promise<LiveReading> {
  return readLive({ target, reader: diskReader(), intervalMs: 100 });
}

async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come about in 10 s');
    await delay(20);
  }
}

const twoWorkers = (text: string) => text.replace(/worker_processes \d+;/, 'worker_processes 2;');
const total = (reading: LiveReading) => reading.workers.reduce((sum, { clients }) => sum + clients, 0);

test('what the workers hold, before and after a reload that leaves an old generation behind', async () => {
  await start(twoWorkers);
  await connect(30);
  const before = await look();
  expect(total(before)).toBe(30);
  expect(before.workers.map(({ clients, servers }) => clients === servers)).toEqual([true, true]);
  expect(before.configuration?.workerConnections).toBe(trial.plan.workers.workerConnections.value);
  expect(before.configuration?.shutdownTimeoutMs).toBe(trial.plan.timeouts.workerShutdownTimeout.value);
  expect(before.status?.active).toBe(31);
  expect([...before.portsByServer.values()]).toEqual([30]);
  // The listener and the status page.
  expect(before.workers.map(({ listening }) => listening)).toEqual([2, 2]);
  expect(generationsOf(before.workers)).toHaveLength(1);
  expect(liveFindings(before, machine)).toEqual([]);

  nginx.signal('HUP');
  await eventually(async () => (await look()).workers.filter(({ old }) => !old).length === 2);
  await connect(10);
  const after = await look();
  expect(total(after)).toBe(40);
  const [current, old] = generationsOf(after.workers);
  expect([current!.old, current!.clients, old!.old, old!.clients]).toEqual([false, 10, true, 30]);
  expect(liveFindings(after, machine).map(({ code, message }) => [code, /hold 30 connections/.test(message)])).toEqual([
    ['live-old-generation', true],
  ]);
  const text = renderLive(after, machine, { columns: 80, nowSeconds: old!.startedAtSeconds + 60 });
  expect(text).toMatch(/old, shutting down: 2 workers since 60s, 30 connections/);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);

  // From the status page's address, and from a worker, the same nginx is found.
  expect((await look(`http://127.0.0.1:${trial.statusPort}/nginx_status`)).masterPid).toBe(nginx.pid);
  expect((await look(String(after.workers[0]!.pid))).masterPid).toBe(nginx.pid);
});

test('slots that have run out, and clients that were closed without a byte', async () => {
  // Two listening sockets and the channel leave 28 slots: 14 WebSockets.
  await start((text) =>
    text
      .replace(/worker_processes \d+;/, 'worker_processes 1;')
      .replace(/worker_connections \d+;/, 'worker_connections 31;'),
  );
  const statuses = await connect(14);
  expect(new Set(statuses)).toEqual(new Set([101]));
  const full = await look();
  expect(slotsOf(full.workers[0]!)).toBe(31);
  // The page itself could not be had: it would need a slot.
  expect(full.status).toBeNull();
  expect(liveLimits(full, machine)[0]).toMatchObject({ used: 31, limit: 31 });
  expect(await connect(1)).toEqual([0]);
  for (const socket of sockets.splice(0, 4)) socket.destroy();
  await eventually(async () => total(await look()) === 10);
  const later = await look();
  expect(later.status!.accepts).toBeGreaterThan(later.status!.handled);
  const found = liveFindings(later, machine);
  expect(found.map(({ code }) => code)).toEqual(['live-limit-reached']);
  expect(found[0]!.message).toMatch(/accepted and closed without a byte/);
  const { code, out } = await capture(['plan', '--live', String(nginx.pid), '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ masterPid: nginx.pid, findings: [{ code: 'live-limit-reached' }] });
});

test('counters that a killed worker left behind', async () => {
  await start(twoWorkers);
  await connect(40);
  const [first] = (await look()).workers.toSorted((a, b) => b.clients - a.clients);
  const gone = first!.clients;
  expect(gone).toBeGreaterThan(8);
  process.kill(first!.pid, 'SIGKILL');
  await eventually(() => childrenOf(nginx.pid).length === 2 && !childrenOf(nginx.pid).includes(first!.pid));
  const reading = await look();
  expect(total(reading)).toBe(40 - gone);
  const leaked = liveFindings(reading, machine).filter(({ code }) => code === 'live-counter-leaked');
  expect(leaked.map(({ message }) => message)).toEqual([expect.stringContaining(`left ${gone} in the counters`)]);
});

test('what is no nginx', async () => {
  await start(twoWorkers);
  await expect(look(String(process.pid))).rejects.toMatchObject({ code: 'live-unreadable' });
  await expect(look('; rm -rf')).rejects.toMatchObject({ code: 'live-unreadable' });
  await expect(look(`http://127.0.0.1:${trial.ports[0]}/`)).rejects.toMatchObject({ code: 'live-unreadable' });
});
