/** Unix sockets that are listened on: who may open them, and what becomes of a file that already exists. */
import { chmodSync, existsSync, lstatSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bindListeners, checkListenable } from '../../../src/control/listen/listeners.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'holdline-place-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function address(name: string, settings: { mode?: number; owner?: string } = {}) {
  const { mode = 0o600, owner = null } = settings;
  return { host: 'localhost', port: 0, unix: { path: path.join(directory, name), mode, owner } };
}

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

test('stands in its place with its mode, listens through its descriptor, and goes with the edge', async () => {
  const at = address('edge.sock', { mode: 0o640, owner: String(userInfo().uid) });
  const [listener] = await bindListeners([at]);
  expect(listener).toMatchObject({ socketPath: at.unix.path, port: 0 });
  expect(modeOf(at.unix.path)).toBe('640');
  const server = net.createServer((socket) => socket.on('error', () => undefined).end('here'));
  await new Promise<void>((resolve) =>
    server.listen({ fd: (listener!.handle as never as { fd: number }).fd }, resolve),
  );
  expect(await connect(at.unix.path)).toBe('connected');
  await expect(bindListeners([at])).rejects.toMatchObject({
    code: 'listen-port-taken',
    message: `another program listens on unix:${at.unix.path} already`,
  });
  listener!.close();
  expect(existsSync(at.unix.path)).toBe(false);
});

test('a file that nobody answers at is taken over in one step', async () => {
  const at = address('stale.sock', { mode: 0o666 });
  const [dead] = await bindListeners([at]);
  const before = lstatSync(at.unix.path).ino;
  const [listener] = await bindListeners([at]);
  expect(lstatSync(at.unix.path).ino).not.toBe(before);
  // Whoever had it before leaves what is not its own.
  dead!.close();
  expect(existsSync(at.unix.path)).toBe(true);
  listener!.close();
});

test('what is no socket is left alone', async () => {
  const at = address('notes.txt');
  writeFileSync(at.unix.path, 'keep me');
  const refusal = { code: 'listen-failed', message: `${at.unix.path} exists and is not a socket` };
  await expect(checkListenable(at)).rejects.toMatchObject(refusal);
  await expect(bindListeners([at])).rejects.toMatchObject(refusal);
  expect(statSync(at.unix.path).size).toBe(7);
});

test.each([
  ['no/such/folder.sock', {}, 'listen-failed', 'there is no folder for unix:'],
  ['owned.sock', { owner: 'no-such-user' }, 'owner-unknown', '/etc/passwd has no user no-such-user'],
  ['grouped.sock', { owner: ':no-such-group' }, 'owner-unknown', '/etc/group has no group no-such-group'],
])('%s %j: %s', async (name, settings, code, words) => {
  const at = address(name, settings);
  await expect(bindListeners([at])).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  expect(existsSync(at.unix.path)).toBe(false);
});

test.skipIf(userInfo().uid === 0)('a folder that is closed to this user (root may write anywhere)', async () => {
  chmodSync(directory, 0o500);
  await expect(bindListeners([address('closed.sock')])).rejects.toMatchObject({ code: 'listen-not-permitted' });
  chmodSync(directory, 0o700);
});

function connect(at: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(at);
    socket.once('connect', () => resolve('connected'));
    socket.once('connect', () => socket.destroy());
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
}
