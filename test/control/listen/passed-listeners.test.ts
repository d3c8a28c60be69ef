/**
 * Sockets are passed to another process, as a service manager does it: in the one that has opened them they are taken
 * already.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type PassedListener, standsAt } from '../../../src/control/listen/passed-listeners.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(where: net.ListenOptions): Promise<net.Server> {
  const server = net.createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(where, resolve));
  return server;
}

const descriptorOf = (socket: object) => (socket as { readonly _handle: { readonly fd: number } })._handle.fd;
const portOf = (server: net.Server) => (server.address() as AddressInfo).port;

/** What the other process makes of the descriptors from 3 on, `names.length` of them. */
function asPassed(descriptors: readonly number[], names: readonly string[], wanted: object[]) {
  const built = (file: string) => pathToFileURL(path.resolve(import.meta.dirname, '../../../dist/control', file)).href;
  const script = `
    const { openPassed } = await import(${JSON.stringify(built('listen/passed-listeners.js'))});
    const { bindListeners } = await import(${JSON.stringify(built('listen/listeners.js'))});
    const names = ${JSON.stringify(names)};
    const { listeners, useless } = openPassed(names.map((name, index) => ({ name, descriptor: index + 3 })));
    const unused = [];
    const onUnused = ({ name }) => unused.push(name);
    const bound = await bindListeners(${JSON.stringify(wanted)}, { passed: listeners, onUnused });
    const shown = listeners.map(({ handle, ...rest }) => rest);
    const taken = bound.map(({ handle }) => listeners.find((each) => each.handle === handle)?.name ?? null);
    console.log(JSON.stringify({ shown, useless, unused, taken }));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe', ...descriptors],
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('a port and a Unix socket are told by where they stand, and taken where the spec wants them', async () => {
  const file = path.join(os.tmpdir(), `holdline passed ${process.pid}.sock`);
  const [port, socket, other] = [
    await listening({ host: '127.0.0.1', port: 0 }),
    await listening({ path: file }),
    await listening({ host: '127.0.0.1', port: 0 }),
  ];
  const wanted = [
    { host: 'localhost', port: 0, unix: { path: file, mode: 0o600, owner: null } },
    { host: 'localhost', port: portOf(port) },
  ];
  expect(asPassed([port, socket, other].map(descriptorOf), ['web', 'local', 'spare'], wanted)).toEqual({
    shown: [
      { name: 'web', shown: `127.0.0.1:${portOf(port)}`, place: { ip: '127.0.0.1', port: portOf(port) } },
      { name: 'local', shown: `unix:${file}`, place: { path: file } },
      { name: 'spare', shown: `127.0.0.1:${portOf(other)}`, place: { ip: '127.0.0.1', port: portOf(other) } },
    ],
    useless: [],
    taken: ['local', 'web'],
    unused: ['spare'],
  });
});

test('what is no listening socket is of no use', async () => {
  const server = await listening({ host: '127.0.0.1', port: 0 });
  const connection = net.connect(portOf(server), '127.0.0.1');
  await new Promise((resolve) => connection.once('connect', resolve));
  const file = openSync(import.meta.filename, 'r');
  const outcome = asPassed([file, descriptorOf(connection)], ['file', 'connected', 'absent'], []);
  closeSync(file);
  connection.destroy();
  expect(outcome).toEqual({
    shown: [],
    useless: [
      { name: 'file', why: 'it is not a stream socket' },
      { name: 'connected', why: 'it is a connection, not a listener' },
      { name: 'absent', why: 'it is not a stream socket' },
    ],
    taken: [],
    unused: [],
  });
});

test('a count that is too high touches nothing of Node’s own, and ends where nothing is open', async () => {
  const server = await listening({ host: '127.0.0.1', port: 0 });
  const names = ['web', ...Array.from({ length: 1000 }, (_, index) => `n${index}`)];
  const { shown, useless, taken } = asPassed([descriptorOf(server)], names, [
    { host: '127.0.0.1', port: portOf(server) },
  ]);
  expect(shown).toHaveLength(1);
  expect(taken).toEqual(['web']);
  expect(useless.length).toBeLessThan(100);
  expect(useless.at(-1).why).toBe('it is not open, nor are those after it looked at');
});

describe('where a listener stands', () => {
  const at = (place: PassedListener['place']) => ({ name: '', shown: '', place, handle: { close: () => undefined } });
  test.each([
    [{ ip: '0.0.0.0', port: 80 }, { host: '0.0.0.0', port: 80 }, true],
    [{ ip: '::', port: 80 }, { host: '::', port: 80 }, true],
    // ListenStream=80: both kinds of addresses.
    [{ ip: '::', port: 80 }, { host: '0.0.0.0', port: 80 }, true],
    [{ ip: '0.0.0.0', port: 80 }, { host: '::', port: 80 }, false],
    [{ ip: '::', port: 80 }, { host: '127.0.0.1', port: 80 }, false],
    [{ ip: '0.0.0.0', port: 81 }, { host: '0.0.0.0', port: 80 }, false],
    [{ path: '/run/a' }, '/run/a', true],
    [{ path: '/run/a' }, '/run/b', false],
    [{ path: '/run/a' }, { host: 'localhost', port: 0 }, false],
    [{ ip: '127.0.0.1', port: 80 }, '/run/a', false],
  ])('%j for %j: %s', (place, wanted, stands) => {
    expect(standsAt(at(place), wanted)).toBe(stands);
  });
});
