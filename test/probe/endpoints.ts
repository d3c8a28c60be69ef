/** Endpoints of other people's making for the probe's tests: programs on free ports, ended by their process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { acceptFor } from '../../src/ws/handshake.ts';
import { freePorts } from '../real/support/nginx.ts';

const cleanups: (() => unknown)[] = [];

/** For afterEach: what was started last ends first. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

export function onCleanUp(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export interface EchoOptions extends ServerOptions {
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Answers what asks for no upgrade; without it, 426. */
  readonly page?: RequestListener;
  readonly onPeer?: (peer: WebSocket) => void;
}

/** The `ws` package as an echo; the port. */
export async function wsEcho(options: EchoOptions = {}): Promise<number> {
  const { tls, page, onPeer, ...rest } = options;
  const answer: RequestListener = page ?? ((_, response) => response.writeHead(426).end('Upgrade Required'));
  const http = tls === undefined ? createHttpServer(answer) : createHttpsServer(tls, answer);
  const server = new WebSocketServer({ perMessageDeflate: true, ...rest, server: http });
  server.on('connection', (peer) => {
    peer.on('error', () => undefined);
    onPeer?.(peer);
    peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  cleanups.push(() => {
    for (const peer of server.clients) peer.terminate();
    http.closeAllConnections();
    http.close();
  });
  return (http.address() as net.AddressInfo).port;
}

/** A server that does with a raw socket what it likes; the port. */
export async function rawEndpoint(serve: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

/** Upgrades the raw socket, whatever the request asked for; then calls `serve` with what came behind the request. */
export function upgrade(socket: net.Socket, serve: (rest: Buffer) => void, protocol?: (head: string) => string): void {
  let bytes = Buffer.alloc(0);
  const read = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) return;
    socket.off('data', read);
    const head = bytes.subarray(0, end).toString('latin1');
    const key = /^Sec-WebSocket-Key: *(.*)$/im.exec(head)?.[1]?.trim() ?? '';
    const named = protocol?.(head) ?? 'websocket';
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${named}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
    );
    serve(bytes.subarray(end + 4));
  };
  socket.on('data', read);
}

/** Debian's python3-websockets as an echo. */
export async function pythonEcho(): Promise<number> {
  const [port] = await freePorts(1);
  const script = `
import asyncio, websockets
async def echo(peer, path=None):
    async for message in peer:
        await peer.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", ${port}):
        await asyncio.Future()
asyncio.run(main())
`;
  await program('/usr/bin/python3', ['-c', script], port!);
  return port!;
}

/** websocketd around cat: an echo line by line. */
export async function websocketd(): Promise<number> {
  const [port] = await freePorts(1);
  await program('websocketd', ['--address=127.0.0.1', `--port=${port}`, 'cat'], port!);
  return port!;
}

export async function haproxy(conf: (port: number) => string): Promise<number> {
  const [port] = await freePorts(1);
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-haproxy-'));
  const file = path.join(directory, 'haproxy.cfg');
  writeFileSync(file, `global\n  maxconn 500\n${conf(port!)}\n`);
  await program('/usr/sbin/haproxy', ['-db', '-f', file], port!);
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return port!;
}

export async function caddy(routes: string): Promise<number> {
  const [port] = await freePorts(1);
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-caddy-'));
  const file = path.join(directory, 'Caddyfile');
  writeFileSync(file, `{\n  admin off\n  auto_https off\n}\nhttp://127.0.0.1:${port} {\n${routes}\n}\n`);
  const env = { ...process.env, HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  await program('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], port!, env);
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return port!;
}

const patienceMs = 15_000;

/** Ends when the program accepts connections on its port; rejects with its own words when it does not. */
async function program(command: string, args: readonly string[], port: number, env = process.env): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  cleanups.push(() => end(child));
  const deadline = performance.now() + patienceMs;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${command} did not start: ${said}`);
    await delay(20);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await ended;
  clearTimeout(timer);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
