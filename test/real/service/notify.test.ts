/**
 * The edge under a service manager of the test’s own, where no systemd can be had: what it says, and the socket that it
 * is given.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeState } from '../../../src/control/handover/upgrade.ts';
import { converse } from '../edge/conversations.ts';
import { connect, until } from '../edge/edge.ts';
import { freePort } from '../edge/free-port.ts';
import { copyPackage } from '../edge/package-copy.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Managed {
  readonly pid: number;
  readonly port: number;
  readonly told: Readonly<Record<string, string>>[];
  /** What the edge prints. */
  readonly output: () => string;
  readonly exited: Promise<number>;
}

async function startManaged(watchdogUs: number, command: readonly string[]): Promise<Managed> {
  const script = path.join(import.meta.dirname, 'service_manager.py');
  const manager: ChildProcess = spawn('/usr/bin/python3', [script, String(watchdogUs), ...command]);
  const told: Managed['told'] = [];
  let output = '';
  manager.stderr!.on('data', (data) => {
    output += String(data);
  });
  const lines = createInterface({ input: manager.stdout! });
  const first = once(lines, 'line');
  let onExit!: (code: number) => void;
  let runs = true;
  const exited = new Promise<number>((resolve) => {
    onExit = resolve;
  });
  lines.on('line', (line) => {
    const said = JSON.parse(line);
    if ('told' in said) told.push(said.told);
    if (!('exit' in said)) return;
    runs = false;
    onExit(said.exit);
  });
  const { pid, port } = JSON.parse(String((await first)[0]));
  closers.push(async () => {
    if (runs) process.kill(pid, 'SIGKILL');
    await exited;
  });
  return { pid, port, told, output: () => output, exited };
}

async function startBack(): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An edge that listens on the passed socket, whose port is known only when its manager has begun. */
async function startEdge(watchdogUs: number) {
  const copy = copyPackage();
  const folder = mkdtempSync(path.join(tmpdir(), 'holdline-notify-'));
  closers.push(copy.remove, () => rmSync(folder, { recursive: true }));
  const [back, control] = [await startBack(), await freePort()];
  const file = path.join(folder, 'holdline.yaml');
  const main = path.resolve(copy.entry, '../../../cli/main.js');
  const args = ['up', file, '--log', path.join(folder, 'log')];
  const wait = `while [ ! -e ${file} ]; do sleep 0.05; done; exec "$0" "$@"`;
  const managed = await startManaged(watchdogUs, ['sh', '-c', wait, process.execPath, main, ...args]);
  const write = (more = '') => {
    const text = `listen: [ "127.0.0.1:${managed.port}" ]
upstreams: { app: { servers: [ "${back}" ] } }
routes: [ { match: { path: / }, upstream: app, origins: any${more} } ]
workers: 1
control: { address: "127.0.0.1:${control}" }
`;
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const ask = async <Answer>(where: string, body?: object): Promise<Answer> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${control}${where}`, body === undefined ? {} : init);
    return (await response.json()) as Answer;
  };
  return { ...managed, copy, write, ask, url: `ws://127.0.0.1:${managed.port}/` };
}

const names = (told: Managed['told']) => told.flatMap((message) => Object.keys(message));

test('readiness, socket, reload, upgrade, watchdog and end', { retry: 0 }, async () => {
  const edge = await startEdge(1_000_000);
  const { told, ask, pid } = edge;

  // The client is there before the edge.
  const early = connect(edge.url);
  expect(told).toEqual([]);
  edge.write();
  const sockets: WebSocket[] = [await early, await connect(edge.url)];
  await until(() => told.length > 0);
  expect(told[0]).toMatchObject({ READY: '1', STATUS: expect.stringMatching(/^\d connections?, 1 worker$/) });
  const talk = converse(sockets);
  closers.push(() => talk.stop());
  expect(edge.output()).not.toContain('is not used');

  // What is meant for the edge is not meant for its workers.
  const workers = () => ask<{ workers: { pid: number; silentMs: number }[] }>('/workers');
  const [worker] = (await workers()).workers;
  expect(readFileSync(`/proc/${worker!.pid}/environ`, 'utf8')).not.toMatch(/NOTIFY_|WATCHDOG_|LISTEN_/);

  const before = told.length;
  edge.write(', idleTimeout: 99s');
  await ask('/reload', {});
  await until(() => names(told.slice(before)).includes('READY'));
  expect(names(told.slice(before)).filter((name) => name !== 'WATCHDOG' && name !== 'STATUS')).toEqual(
    expect.arrayContaining(['RELOADING', 'MONOTONIC_USEC', 'READY']),
  );

  // Another supervisor goes on with the signs of life. The process that the manager watches stays, so it is told of no
  // other.
  edge.copy.change('package.json', (text) => text.replace(/"version": "[^"]*"/, '"version": "9.0.0"'));
  await ask('/upgrade', { probationMs: 0 });
  await until(async () => (await ask<UpgradeState>('/upgrade').catch(() => null))?.phase === 'done');
  expect(await ask('/version')).toMatchObject({ version: '9.0.0' });
  const after = told.length;
  await until(() => names(told.slice(after)).includes('WATCHDOG'));
  expect(names(told)).not.toContain('MAINPID');
  expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/^\d+ \(.*\) [RS] /);
  expect(talk.wrong).toEqual([]);

  // No sign of life while the only worker hangs.
  const hung = (await workers()).workers.at(-1)!;
  process.kill(hung.pid, 'SIGSTOP');
  const silentFor = (ms: number) => until(async () => (await workers()).workers.at(-1)!.silentMs >= ms);
  await silentFor(4000);
  const signs = told.length;
  await silentFor(5500);
  expect(names(told.slice(signs))).not.toContain('WATCHDOG');
  process.kill(hung.pid, 'SIGCONT');
  await until(() => names(told.slice(signs)).includes('WATCHDOG'));

  talk.stop();
  process.kill(pid, 'SIGTERM');
  expect(await edge.exited).toBe(0);
  expect(told).toContainEqual(expect.objectContaining({ STOPPING: '1' }));
});

test('a watchdog that nobody could satisfy is named', { retry: 0 }, async () => {
  const edge = await startEdge(1);
  edge.write();
  await until(() => names(edge.told).includes('READY'));
  expect(edge.output()).toContain('WATCHDOG_USEC=1 asks for more signs of life than the edge gives');
  process.kill(edge.pid, 'SIGTERM');
  expect(await edge.exited).toBe(0);
});
