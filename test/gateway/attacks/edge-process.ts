/** `holdline up` as a process of its own, with as few descriptors as an attack wants it to have. Needs dist/. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { onCleanUp } from '../servers.ts';

export interface EdgeProcess {
  readonly port: number;
  readonly output: () => string;
  ask<Answer>(path: string): Promise<Answer>;
  /** Process ids; they stay the same as long as nobody dies. */
  workers(): Promise<readonly number[]>;
}

const cli = path.resolve(import.meta.dirname, '../../../dist/cli/main.js');

export async function startEdgeProcess(
  server: string,
  options: { readonly descriptors?: number } = {},
): Promise<EdgeProcess> {
  const sockets = process.env.TEST_SOCKETS === 'public' ? ['--sockets', 'public'] : [];
  const up = [
    'up',
    '--to',
    server,
    '--listen',
    '127.0.0.1:0',
    '--control',
    '127.0.0.1:0',
    '--workers',
    '1',
    ...sockets,
  ];
  const limit = options.descriptors === undefined ? '' : `ulimit -n ${options.descriptors}; `;
  const child = spawn('bash', ['-c', `${limit}exec "$0" "$@"`, process.execPath, cli, ...up], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onCleanUp(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const find = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(output)?.[1];
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(`the edge ended:\n${output}`);
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    }
  };
  const port = Number(new URL(await find(/^ {2}edge +(\S+)/m)).port);
  const control = await find(/^ {2}control +(\S+)/m);
  const ask = async <Answer>(where: string) => (await fetch(new URL(where, control))).json() as Promise<Answer>;
  return {
    port,
    output: () => output,
    ask,
    workers: async () => (await ask<{ workers: { pid: number }[] }>('/workers')).workers.map(({ pid }) => pid),
  };
}

/** So many sockets that each say this and stay. */
export async function crowd(port: number, size: number, first: string): Promise<net.Socket[]> {
  const all = Array.from({ length: size }, () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    if (first !== '') socket.write(first);
    return socket;
  });
  await Promise.all(
    all.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
  );
  return all;
}

export const handshake = (target = '/', headers = '') =>
  `GET ${target} HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${headers}\r\n`;

/** The status that a handshake gets, or 0 when it gets none. */
export function statusOf(port: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(handshake()));
    const end = (status: number) => {
      socket.destroy();
      resolve(status);
    };
    socket.once('data', (data) => end(Number(/^HTTP\/1\.1 (\d+)/.exec(String(data))?.[1] ?? 0)));
    socket.once('error', () => end(0));
    socket.once('close', () => end(0));
  });
}
