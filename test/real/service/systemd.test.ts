/**
 * The edge under a real systemd: what `holdline service` writes is installed in a machine of its own and started,
 * reloaded, upgraded, hung up and stopped. One machine serves all tests, with two edges: one as it is written, one with
 * a watchdog that bites soon.
 */
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { converse } from '../edge/conversations.ts';
import { until } from '../edge/edge.ts';
import { inside, type Machine, startMachine, whyNoMachine } from './machine.ts';

const reason = whyNoMachine();
let machine: Machine;
const app = new WebSocketServer({ noServer: true });
const back = http.createServer((_request, response) => response.end('plain'));
const talks: { stop(): void }[] = [];

const spec = (
  name: string,
  control: number,
  workers: number,
  listen = '',
) => `listen: [ "unix:${inside.shared}/${name}.sock"${listen} ]
trustedProxies: [ "unix:" ]
upstreams: { app: { servers: [ "unix:${inside.shared}/app.sock" ] } }
routes: [ { match: { path: / }, upstream: app, origins: any } ]
workers: ${workers}
drain: { deadline: 2s }
control: { address: "127.0.0.1:${control}" }
`;
const token = 'open-sesame';
/** Every sign of it means something in a unit, in one setting or another. */
const hostile = 'a %h "b" $C \'d\' [e] ; #é';
const nginxSpec = `engine: nginx
listen: "0.0.0.0:81"
upstreams: { app: { servers: [ "unix:${inside.shared}/app.sock" ] } }
routes: [ { match: { path: / }, upstream: app, origins: any } ]
drain: { deadline: 1s }
control: { address: "127.0.0.1:4655" }
`;
const edgeSpec = spec('edge', 4653, 1, ', "0.0.0.0:80"');

beforeAll(async () => {
  if (reason !== null) return;
  machine = await startMachine();
  app.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  back.on('upgrade', (request, socket, head) =>
    app.handleUpgrade(request, socket, head, (client) => app.emit('connection', client)),
  );
  back.listen(path.join(machine.shared, 'app.sock'));
  await once(back, 'listening');
  chmodSync(path.join(machine.shared, 'app.sock'), 0o666);
  await Promise.all([
    install('edge', edgeSpec),
    install('hasty', spec('hasty', 4654, 2), { dropIn: '[Service]\nWatchdogSec=4\n' }),
    install('nginx', nginxSpec, { folder: `${hostile}/` }),
  ]);
  await machine.run('systemctl', 'daemon-reload');
});
afterAll(async () => {
  for (const talk of talks) talk.stop();
  await machine?.close();
  for (const client of app.clients) client.terminate();
  back.close();
});

/** Writes the files of a service with the command that people type, where systemd looks for them. */
async function install(name: string, text: string, { dropIn = '', folder = '' } = {}): Promise<void> {
  mkdirSync(path.join(machine.shared, folder), { recursive: true });
  writeFileSync(path.join(machine.shared, `${folder}${name}.yaml`), text);
  writeFileSync(path.join(machine.shared, `${folder}${name}.env`), `HOLDLINE_TOKEN=${token}\n`);
  writeFileSync(path.join(machine.shared, `${name}.conf`), dropIn);
  const at = `${inside.shared}/${name}`;
  await machine.run(
    inside.node,
    inside.cli,
    'service',
    '--name',
    name,
    '--output',
    at,
    `${inside.shared}/${folder}${name}.yaml`,
  );
  await machine.run('sh', '-c', `cp ${at}/etc/systemd/system/* /etc/systemd/system`);
  await machine.run('install', '-D', '-m', '644', `${at}.conf`, `/etc/systemd/system/${name}.service.d/test.conf`);
}

const systemctl = (...args: string[]) => machine.run('systemctl', ...args);
const get = (address: string, ...more: string[]) =>
  machine.run('curl', '-s', '-H', `Authorization: Bearer ${token}`, ...more, `http://127.0.0.1:${address}`);

async function show(name: string): Promise<Readonly<Record<string, string>>> {
  const wanted = 'ActiveState,SubState,MainPID,NRestarts,Result,StatusText';
  const lines = await machine.run('systemctl', 'show', '-p', wanted, `${name}.service`);
  return Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s, 2)),
  );
}

async function connect(name: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws+unix:${path.join(machine.shared, `${name}.sock`)}:/`);
  await once(socket, 'open');
  return socket;
}

interface Version {
  readonly version: string;
  readonly supervisor: { readonly pid: number };
  readonly workers: readonly { readonly pid: number; readonly version: string }[];
}
const version = async (control: number) => JSON.parse(await get(`${control}/version`)) as Version;

const slow = { timeout: 120_000, retry: 0 };

test.concurrent('a service from its start to its end', slow, async ({ skip }) => {
  if (reason !== null) return skip(reason);

  // The sockets are there before the edge, and clients wait in them.
  await systemctl('start', 'edge.socket', 'edge-2.socket');
  expect(await show('edge')).toMatchObject({ NRestarts: '0', ActiveState: 'inactive' });
  const first = connect('edge');
  await systemctl('start', 'edge.service');
  const started = await show('edge');
  const pid = Number(started.MainPID);
  expect(started).toMatchObject({ ActiveState: 'active', SubState: 'running', NRestarts: '0' });
  expect(started.StatusText).toMatch(/^\d+ connections?, 1 worker$/);
  const sockets = [await first, await connect('edge'), await connect('edge')];
  const talk = converse(sockets, 20);
  talks.push(talk);
  expect(await get('80/')).toBe('plain');
  expect(await machine.run('ps', '-o', 'uid=', '-p', String(pid))).toMatch(/^ *6\d{4}\n$/);

  // A changed spec, and one with an error.
  const file = path.join(machine.shared, 'edge.yaml');
  const gone = '{ match: { path: /gone/ }, upstream: gone, origins: any }';
  const changed = edgeSpec
    .replace('upstreams: {', `$& gone: { servers: [ "unix:${inside.shared}/gone.sock" ] },`)
    .replace('routes: [', `$& ${gone},`);
  writeFileSync(file, changed);
  await systemctl('reload', 'edge.service');
  expect(await get('80/')).toBe('plain');
  expect(await get('80/gone/')).toContain('502');
  writeFileSync(file, 'nonsense');
  await expect(machine.run('systemctl', 'reload', 'edge.service')).rejects.toThrow(/failed/);
  expect(await get('80/gone/')).toContain('502');
  writeFileSync(file, edgeSpec);
  await systemctl('reload', 'edge.service');
  expect((await version(4653)).supervisor.pid).toBe(pid);

  // Another package on the disk.
  await machine.run('sed', '-i', 's/"version": ".*"/"version": "9.0.0"/', '/srv/holdline/package.json');
  await systemctl('reload', 'edge.service');
  const upgraded = await version(4653);
  expect(upgraded.version).toBe('9.0.0');
  expect(upgraded.workers.map((worker) => worker.version)).toEqual(['9.0.0']);
  expect(upgraded.supervisor.pid).not.toBe(pid);
  await systemctl('reload', 'edge.service');
  expect((await version(4653)).supervisor.pid).toBe(upgraded.supervisor.pid);
  expect(await show('edge')).toMatchObject({ MainPID: String(pid), NRestarts: '0', ActiveState: 'active' });
  await until(async () => (await show('edge')).StatusText === '3 connections, 1 worker');

  // What logrotate does, with the command of the file that was written for it.
  await machine.run('mv', '/var/log/edge/connections.log', '/var/log/edge/connections.log.1');
  const [, rotate] = /postrotate\n +#.*\n +(.*)\n/.exec(
    await machine.run('cat', `${inside.shared}/edge/etc/logrotate.d/edge`),
  )!;
  await machine.run('sh', '-c', rotate!);
  await until(() =>
    machine
      .run('test', '-s', '/var/log/edge/connections.log')
      .catch(() => null)
      .then((said) => said !== null),
  );

  // Nobody has noticed anything. At the end clients are asked to leave, and one that does not is cut.
  const { echoes } = talk;
  await until(() => talk.echoes > echoes + 20);
  expect(talk.wrong).toEqual([]);
  talk.stop();
  const [polite, deaf] = [await connect('edge'), await connect('edge')];
  deaf.pause();
  const closed = once(polite, 'close');
  await systemctl('stop', 'edge.socket', 'edge-2.socket', 'edge.service');
  expect((await closed)[0]).toBe(1012);
  expect(await show('edge')).toMatchObject({ ActiveState: 'inactive', Result: 'success', NRestarts: '0' });
});

test.concurrent('the watchdog starts an edge again that hangs', slow, async ({ skip }) => {
  if (reason !== null) return skip(reason);
  await systemctl('start', 'hasty.socket', 'hasty.service');
  const restarted = (times: number) =>
    until(async () => {
      const { NRestarts, ActiveState } = await show('hasty');
      return NRestarts === String(times) && ActiveState === 'active';
    });

  // One worker of two is the edge’s own business; both are not.
  const [one, two] = (await version(4654)).workers;
  await machine.run('kill', '-STOP', String(one!.pid));
  await until(async () => (await get('4654/workers')).match(/"silentMs":[3-9]\d{3}/) !== null);
  expect(await show('hasty')).toMatchObject({ NRestarts: '0' });
  await machine.run('kill', '-STOP', String(two!.pid));
  await restarted(1);

  // The supervisor after an upgrade is not the process that systemd watches, and counts all the same.
  const { MainPID } = await show('hasty');
  await get('4654/upgrade', '-H', 'content-type: application/json', '-d', '{"probationMs":0}');
  const successor = await until(async () => {
    const pid = (await version(4654).catch(() => null))?.supervisor.pid ?? 0;
    return pid !== 0 && pid !== Number(MainPID) && pid;
  });
  expect(await show('hasty')).toMatchObject({ MainPID, NRestarts: '1' });
  await machine.run('kill', '-STOP', String(successor));
  await restarted(2);
  expect((await version(4654)).supervisor.pid).toBe(Number((await show('hasty')).MainPID));
  (await connect('hasty')).terminate();
  await systemctl('stop', 'hasty.socket', 'hasty.service');
  expect(await show('hasty')).toMatchObject({ ActiveState: 'inactive', Result: 'success' });
});

test.concurrent('nginx as the engine, of a spec in a folder with a hostile name', slow, async ({ skip }) => {
  if (reason !== null) return skip(reason);
  await systemctl('start', 'nginx.service');
  const { MainPID, StatusText } = await show('nginx');
  expect(StatusText).toMatch(/^0 connections, \d+ workers?$/);
  expect(await get('81/')).toBe('plain');
  const words = (await machine.run('cat', `/proc/${MainPID}/cmdline`)).split('\0');
  expect(words).toContain(`${inside.shared}/${hostile}/nginx.yaml`);
  expect(await get('4655/version')).toContain('"workers"');
  expect(await machine.run('curl', '-s', 'http://127.0.0.1:4655/version')).toContain('token');
  await systemctl('reload', 'nginx.service');
  await systemctl('stop', 'nginx.service');
  expect(await show('nginx')).toMatchObject({ ActiveState: 'inactive', Result: 'success', NRestarts: '0' });
});

test.concurrent('systemd finds nothing wrong with the units, and little that they expose', slow, async ({ skip }) => {
  if (reason !== null) return skip(reason);
  const units = ['edge', 'hasty', 'nginx'].map((name) => `/etc/systemd/system/${name}.service`);
  expect(await machine.run('systemd-analyze', 'verify', ...units)).toBe('');
  // It exits with 1 when the exposure of one of them is above 2.1 of 10; that of nginx may listen on ports below 1024.
  await machine.run('systemd-analyze', 'security', '--offline=true', '--threshold=21', ...units);
});
