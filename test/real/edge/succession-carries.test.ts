/**
 * What an edge has beside plain connections goes through an upgrade with it: servers that it starts, a Unix control
 * socket, drains, history, counters, TLS.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { DrainRow } from '../../../src/control/drain/job.ts';
import type { InstanceState } from '../../../src/control/managed/state.ts';
import { testCertificate } from '../../support/certificate.ts';
import { converse } from './conversations.ts';
import { closeOf, connect, until } from './edge.ts';
import { freePort } from './free-port.ts';
import { copyPackage } from './package-copy.ts';
import { setVersion, steering } from './upgrading.ts';

const copy = copyPackage();
const directory = path.dirname(path.dirname(path.dirname(path.dirname(copy.entry))));
const here = (name: string) => path.join(directory, name);
const main = here('dist/cli/main.js');
const controlPath = here('control.sock');
const { ask, now, supervisor, begin, phase, over } = steering(() => controlPath);

let server: WebSocketServer;
let edge: ChildProcess;
let url = '';
let tlsUrl = '';
let own = '';
let talk: ReturnType<typeof converse>;
let overTls: WebSocket;

beforeAll(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  const [port, tlsPort] = [await freePort(), await freePort()];
  [url, tlsUrl] = [`ws://127.0.0.1:${port}`, `wss://127.0.0.1:${tlsPort}`];
  writeFileSync(here('cert.pem'), testCertificate.cert);
  writeFileSync(here('key.pem'), testCertificate.key);
  // Says a line every tenth of a second, and keeps its connections.
  writeFileSync(
    here('app.mjs'),
    `import http from 'node:http';
import { WebSocketServer } from 'ws';
const server = http.createServer((_request, response) => response.end());
new WebSocketServer({ server }).on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
server.listen(Number(process.env.PORT), '127.0.0.1');
let line = 0;
setInterval(() => console.log('line', ++line), 100);
`,
  );
  writeFileSync(
    here('holdline.yaml'),
    `listen:
  - 127.0.0.1:${port}
  - { address: 127.0.0.1:${tlsPort}, tls: { cert: cert.pem, key: key.pem } }
control: "unix:${controlPath}"
workers: 2
upstreams:
  app: { servers: "http://127.0.0.1:${(server.address() as AddressInfo).port}" }
  own: { command: exec ${process.execPath} app.mjs, instances: 2, health: { every: 1s } }
routes:
  - { name: own, match: { path: /own/ }, upstream: own, origins: any }
  - { name: leaving, match: { path: /leaving/ }, upstream: app, origins: any }
  - { name: app, upstream: app, origins: any }
`,
  );
  await up();
  own = (await now()).version;
  const sockets = await Promise.all(
    [...Array(10).fill('/'), ...Array(10).fill('/own/')].map((at) => connect(url + at)),
  );
  talk = converse(sockets, 50);
  overTls = new WebSocket(tlsUrl, { rejectUnauthorized: false });
  await once(overTls, 'open');
}, 60_000);
async function up(): Promise<void> {
  edge = spawn(process.execPath, [main, 'up', here('holdline.yaml'), '--log', here('edge.log')], { stdio: 'ignore' });
  await until(() => ask('/healthz').catch(() => null));
}

/** All but the process that was started first: it is the edge's own. */
async function processes(): Promise<number[]> {
  const { workers } = await now();
  return [await supervisor(), ...workers.map(({ pid }) => pid), ...(await instances()).map(({ pid }) => pid!)];
}

function gone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

afterAll(() => {
  talk?.stop();
  overTls?.terminate();
  edge.kill('SIGKILL');
  server.close();
  for (const socket of server.clients) socket.terminate();
  copy.remove();
});

/** Over the command line; what it writes, and its exit code. */
function holdline(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [main, ...args, '--control', `unix:${controlPath}`], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
    ),
  );
}

const instances = async () =>
  (await ask<{ instances: InstanceState[] }>('/servers')).instances.map(({ pid, restarts }) => ({ pid, restarts }));
const linesOf = (pattern: RegExp) => readFileSync(here('edge.log'), 'utf8').match(pattern)?.length ?? 0;
const drain = (id: string) => ask<DrainRow>(`/drains/${id}`);

async function goesOn(): Promise<void> {
  const { echoes } = talk;
  await until(() => talk.echoes > echoes + 100);
  expect(talk.wrong).toEqual([]);
}

test('nobody is told to stop where no upgrade is under way, and a dry run exchanges nobody', { retry: 0 }, async () => {
  expect(await holdline('upgrade', '--cancel')).toEqual({ code: 1, text: 'no upgrade is under way\n' });
  expect(linesOf(/cancelled the upgrade/g)).toBe(0);
  const before = await supervisor();
  const restore = setVersion(copy, '7.7.7');
  await begin(200, { dryRun: true });
  expect(await over()).toMatchObject({ phase: 'would', to: '7.7.7', exchanged: 0 });
  restore();
  expect(await supervisor()).toBe(before);
  expect((await now()).workers.map(({ version }) => version)).toEqual([own, own]);
});

test('to a new version: servers, drains, counters and the control socket are carried over', { retry: 0 }, async () => {
  const before = await instances();
  const inode = statSync(controlPath).ino;
  const workersBefore = (await now()).workers.map(({ pid }) => pid);
  const { startedAtMs } = await now();
  const opened = async () => (await now()).routes.find(({ name }) => name === 'own')?.handshakes.upgraded;
  await until(async () => (await opened()) === 10);
  // They are closed one after the other, for longer than the upgrade takes.
  const leaving = await Promise.all(Array.from({ length: 60 }, () => connect(`${url}/leaving/`)));
  const closes: number[] = [];
  for (const socket of leaving) void closeOf(socket).then(({ code }) => closes.push(code));
  await until(async () => (await now()).routes.find(({ name }) => name === 'leaving')?.open === 60);
  const { id } = await ask<DrainRow>('/drains', { filter: { route: 'leaving' }, rate: '1/s', code: 4001 });
  await until(() => closes.length > 0);

  setVersion(copy, '9.0.0');
  await begin(200);
  // One of them came over TLS: its keys cannot travel, so it stays.
  expect(await over()).toMatchObject({ phase: 'done', to: '9.0.0', exchanged: 2, stayed: { tls: 1 } });
  await goesOn();

  expect(await instances()).toEqual(before);
  const lines = linesOf(/"line \d+"/g);
  await until(() => linesOf(/"line \d+"/g) > lines + 20);

  const after = await now();
  expect([after.version, after.startedAtMs]).toEqual(['9.0.0', startedAtMs]);
  expect(await opened()).toBe(10);

  const running = await drain(id);
  expect(running).toMatchObject({ total: 60, state: 'running' });
  await until(async () => (await drain(id)).closed > running.closed);
  await ask<DrainRow>(`/drains/${id}/cancel`, {});
  await until(async () => (await drain(id)).closed === closes.length);
  expect(closes).toEqual(closes.map(() => 4001));
  // Of before the upgrade and of after it.
  await until(async () => (await ask<{ rows: unknown[] }>('/history?q=route:leaving')).rows.length === closes.length);
  for (const socket of leaving) socket.terminate();

  expect(statSync(controlPath).ino).toBe(inode);
  // The one over TLS is shown, with its version and why, and goes at an order.
  const { text } = await holdline('workers');
  expect(text).toMatch(
    new RegExp(`^ *(${workersBefore.join('|')}) +1 .* ${own.replaceAll('.', '\\.')} +leaves \\(1 tls\\)$`, 'm'),
  );
  const [old] = after.workers.filter(({ leaving }) => leaving);
  const tlsClosed = closeOf(overTls);
  expect((await holdline('drain', '--worker', String(old?.pid), '--watch')).code).toBe(0);
  expect(await tlsClosed).toMatchObject({ code: 1012 });
  await until(async () => (await now()).workers.length === 2);
});

test('cancelled while workers are exchanged: the next one is not, and what was exchanged stays', {
  retry: 0,
}, async () => {
  setVersion(copy, '9.0.1');
  await begin(200, { perSecond: 4 });
  await phase('exchange');
  expect(await holdline('upgrade', '--cancel')).toEqual({ code: 0, text: 'it stops before the next worker\n' });
  expect(await over()).toMatchObject({ phase: 'cancelled', to: '9.0.1', exchanged: 1 });
  const { version, workers } = await until(async () => {
    const seen = await now();
    return seen.workers.length === 2 && seen;
  });
  expect([version, ...workers.map((each) => each.version).sort()]).toEqual(['9.0.1', '9.0.0', '9.0.1']);
  await goesOn();
});

test('SIGTERM while workers are exchanged: everybody is told, and nothing is left', { retry: 0 }, async () => {
  const closed = closeOf(await connect(`${url}/own/`));
  await begin(200, { perSecond: 4 });
  await phase('exchange');
  const left = await processes();
  talk.stop();
  const ended = once(edge, 'exit');
  edge.kill('SIGTERM');
  expect(await closed).toMatchObject({ code: 1012 });
  expect(await ended).toEqual([0, null]);
  await until(() => left.every(gone));
});

test('the process that was started first is killed: it is the edge, and nothing is left of it', {
  retry: 0,
}, async () => {
  await up();
  await begin(200);
  expect(await over()).toMatchObject({ phase: 'done' });
  const left = await processes();
  const closed = closeOf(await connect(`${url}/`));
  edge.kill('SIGKILL');
  expect(await closed).toMatchObject({ code: 1001 });
  await until(() => left.every(gone));
  // Its addresses are free again.
  await up();
  (await connect(`${url}/own/`)).terminate();
});
