/** The whole edge, supervisor included, is exchanged for what stands on the disk, under live connections. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { converse } from './conversations.ts';
import { connect, until } from './edge.ts';
import { freePort } from './free-port.ts';
import { copyPackage } from './package-copy.ts';
import { setVersion, steering } from './upgrading.ts';

const copy = copyPackage();
const directory = path.dirname(path.dirname(path.dirname(path.dirname(copy.entry))));
const clients = 40;
/** It takes what an edge writes at first, and is full when a test says so. */
const log = path.join(directory, 'edge.log');

let server: WebSocketServer;
let edge: ChildProcess;
let control = 0;
let talk: ReturnType<typeof converse>;

beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  const [listen, api] = [await freePort(), await freePort()];
  const main = path.join(directory, 'dist/cli/main.js');
  const to = String((server.address() as AddressInfo).port);
  const args = [
    'up',
    '--to',
    to,
    '--listen',
    `127.0.0.1:${listen}`,
    '--control',
    `127.0.0.1:${api}`,
    '--workers',
    '2',
    '--log',
    log,
  ];
  edge = spawn(process.execPath, [main, ...args], { stdio: 'ignore' });
  control = api;
  await until(() => ask('/healthz').catch(() => null));
  const sockets: WebSocket[] = [];
  for (let i = 0; i < clients; i++) sockets.push(await connect(`ws://127.0.0.1:${listen}/`));
  talk = converse(sockets, 50);
});
afterAll(async () => {
  talk?.stop();
  const ended = once(edge, 'exit');
  edge.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  for (const socket of server.clients) socket.terminate();
  server.close();
  copy.remove();
});

const { ask, now, supervisor, begin, over, twoWorkers } = steering(() => control);

async function goesOn(): Promise<void> {
  const { echoes } = talk;
  await until(() => talk.echoes > echoes + 200);
  expect(talk.wrong).toEqual([]);
  expect(server.clients.size).toBe(clients);
}

test('to a new version and back again, three times: nobody notices, and the pid stays', { retry: 0 }, async () => {
  const own = (await now()).version;
  const { startedAtMs } = await now();
  for (const version of ['9.0.0', own, '9.0.1']) {
    const before = await supervisor();
    setVersion(copy, version);
    await begin();
    expect(await over()).toMatchObject({ phase: 'done', to: version, exchanged: 2, stayed: {} });
    const after = await until(async () => {
      const seen = await now();
      return seen.workers.length === 2 && seen;
    });
    expect(after.version).toBe(version);
    expect(after.startedAtMs).toBe(startedAtMs);
    expect(after.workers.map((worker) => worker.version)).toEqual([version, version]);
    expect(await supervisor()).not.toBe(before);
    await goesOn();
  }
  expect(edge.exitCode).toBe(null);
});

describe('a broken new version: the one that runs goes on, and it is said why', () => {
  const main = 'dist/cli/main.js';
  const atTop = (line: string) => (text: string) => text.replace('\n', `\n${line}\n`);
  const successor = 'dist/cli/up/successor.js';
  test.each([
    ['a syntax error', main, atTop('this is no code'), /SyntaxError/],
    ['a missing module', main, atTop("import './nowhere.js';"), /Cannot find module/],
    ['it crashes at the start', main, atTop("throw new Error('no luck');"), /no luck/],
    ['it hangs', successor, (text: string) => text.replace('keeper.greet(', 'for (;;); keeper.greet('), /stood still/],
    [
      'another version of the state',
      'dist/control/succession/state.js',
      (text: string) => text.replace('oldest: 1, newest: 1', 'oldest: 9, newest: 9'),
      /cannot read/,
    ],
    [
      'it is killed before it has said a word',
      successor,
      (text: string) => text.replace('keeper.greet(', 'process.kill(process.pid, "SIGKILL"); keeper.greet('),
      /SIGKILL/,
    ],
    [
      'it is killed once it has passed its trial',
      successor,
      (text: string) => text.replace('await keeper.turn', '(process.kill(process.pid, "SIGKILL"), await keeper.turn)'),
      /SIGKILL|ended before it took over/,
    ],
    [
      'it is killed when it has taken over',
      'dist/cli/up/supervision.js',
      (text: string) => text.replace('successor?.took();', 'successor?.took(); process.kill(process.pid, "SIGKILL");'),
      /SIGKILL/,
    ],
    [
      'it crashes as it takes over',
      'dist/control/succession/written-state.js',
      (text: string) => text.replace('named.restore(', 'process.kill(process.pid, "SIGKILL"); named.restore('),
      /SIGKILL/,
    ],
    [
      'it crashes while the workers are exchanged',
      'dist/control/handover/evening.js',
      (text: string) => text.replace('pool.settle(next);', 'process.kill(process.pid, "SIGKILL");'),
      /SIGKILL/,
    ],
  ])('%s', { retry: 0 }, async (_what, file, edit, reason) => {
    const before = await supervisor();
    const restore = copy.change(file, edit);
    await begin();
    const outcome = await over();
    restore();
    expect(outcome.phase).toBe('kept');
    expect(outcome.problem).toMatch(reason);
    expect(await supervisor()).toBe(before);
    await twoWorkers();
    await goesOn();
  });
});

test('a disk that is full: the log cannot be written, so the one that runs goes on', { retry: 0 }, async () => {
  const before = await supervisor();
  renameSync(log, `${log}.1`);
  symlinkSync('/dev/full', log);
  await begin();
  const outcome = await over();
  unlinkSync(log);
  renameSync(`${log}.1`, log);
  expect(outcome).toMatchObject({ phase: 'kept', exchanged: 0 });
  expect(outcome.problem).toMatch(/the log cannot be written: ENOSPC/);
  expect(await supervisor()).toBe(before);
  await goesOn();
});

test('the one before is killed once the new one has taken over: nobody needs it', { retry: 0 }, async () => {
  const before = await supervisor();
  await begin();
  await until(async () => (await supervisor().catch(() => before)) !== before);
  try {
    process.kill(before, 'SIGKILL');
  } catch {
    // It was done with its work already.
  }
  expect(await over()).toMatchObject({ phase: 'done' });
  await goesOn();
});

test('the supervisor is killed when all is done: another one goes on with the workers', { retry: 0 }, async () => {
  const before = await supervisor();
  const workers = await until(async () => {
    const pids = (await now()).workers.map(({ pid }) => pid).sort();
    return pids.length === 2 && pids;
  });
  process.kill(before, 'SIGKILL');
  await until(async () => (await supervisor().catch(() => before)) !== before);
  expect((await now()).workers.map(({ pid }) => pid).sort()).toEqual(workers);
  await goesOn();
});

test('the supervisor is killed while connections go from worker to worker: they need nobody for it', {
  retry: 0,
}, async () => {
  const post = 'dist/control/handover/post.js';
  const restore = copy.change(post, (text) =>
    text.replace(
      "from.tell({ kind: 'give'",
      "setTimeout(() => process.kill(process.pid, 'SIGKILL'), 5);\nfrom.tell({ kind: 'give'",
    ),
  );
  await begin();
  expect(await over()).toMatchObject({ phase: 'kept' });
  restore();
  await twoWorkers();
  await goesOn();
});
