/** Servers for the client's tests: real sockets on port 0, closed after each test. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { acceptFor } from '../../src/ws/handshake.ts';

export interface Certificates {
  /** PEM. Trusting `ca` trusts `good` (localhost, 127.0.0.1) and `expired`. */
  readonly ca: string;
  readonly good: { readonly cert: string; readonly key: string };
  readonly expired: { readonly cert: string; readonly key: string };
}

/** Made by openssl at each run, so that no certificate in the tree goes out of date. */
export function makeCertificates(): Certificates {
  const directory = mkdtempSync(path.join(tmpdir(), 'holdline-tls-'));
  const file = (name: string) => path.join(directory, name);
  const openssl = (...parameters: string[]) => execFileSync('openssl', parameters, { cwd: directory, stdio: 'pipe' });
  try {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Test CA', '-days', '2');
    openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
    const extensions = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    openssl('req', ...key, ...extensions, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
    const signed = [
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-copy_extensions',
      'copy',
    ];
    openssl(...signed, '-out', 'good.pem', '-days', '1', '-set_serial', '2');
    // openssl 3.0 counts days from now only, so that "expired" is a day that ended yesterday.
    openssl(...signed, '-out', 'expired.pem', '-days', '-1', '-set_serial', '3');
    const read = (name: string) => readFileSync(file(name), 'utf8');
    return {
      ca: read('ca.pem'),
      good: { cert: read('good.pem'), key: read('server.key') },
      expired: { cert: read('expired.pem'), key: read('server.key') },
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export interface Echo {
  readonly url: string;
  readonly port: number;
  /** The server's side of every connection, in order. */
  readonly peers: readonly WebSocket[];
  readonly requests: readonly {
    readonly headers: Record<string, string | string[] | undefined>;
    readonly url: string | undefined;
  }[];
}

/** The `ws` package as an echo. */
export async function echoServer(
  options: ServerOptions & {
    tls?: { cert: string; key: string };
    onPeer?: (peer: WebSocket) => void;
    socketPath?: string;
  } = {},
): Promise<Echo> {
  const { tls, onPeer, socketPath, ...rest } = options;
  const http = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  const server = new WebSocketServer({ ...rest, server: http });
  const peers: WebSocket[] = [];
  const requests: { headers: Record<string, string | string[] | undefined>; url: string | undefined }[] = [];
  server.on('connection', (peer, request) => {
    peers.push(peer);
    requests.push({ headers: request.headers, url: request.url });
    peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
    peer.on('error', () => undefined);
    onPeer?.(peer);
  });
  if (socketPath === undefined) await listening(http);
  else await new Promise<void>((done) => http.listen(socketPath, done));
  onTestFinished(() => {
    for (const peer of server.clients) peer.terminate();
    http.closeAllConnections();
    http.close();
  });
  const port = socketPath === undefined ? (http.address() as AddressInfo).port : 0;
  return { url: `${tls === undefined ? 'ws' : 'wss'}://localhost:${port}/`, port, peers, requests };
}

/** A server that does with a raw socket what it likes. */
export async function rawServer(serve: (socket: Socket) => void): Promise<{ url: string; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  await listening(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}/`, port };
}

/** Answers a request with what `make` makes of a right answer. */
export function answerWith(socket: Socket, make: (accept: string) => string): void {
  socket.once('data', (chunk) => {
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(chunk.toString('latin1'))?.[1] ?? '';
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
    socket.write(make(`${head}Sec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`), 'latin1');
  });
}

/** An HTTP proxy that knows CONNECT; `answer` replaces the tunnel with a refusal. */
export async function proxyServer(answer?: string): Promise<{ port: number; heads: string[] }> {
  const heads: string[] = [];
  const { port } = await rawServer((socket) => {
    socket.once('data', (chunk) => {
      const head = chunk.toString('latin1');
      heads.push(head);
      if (answer !== undefined) return void socket.end(answer);
      const target = connect(Number(/^CONNECT [^ ]*:(\d+) /.exec(head)![1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(target).pipe(socket);
      });
      target.on('error', () => socket.destroy());
      socket.on('close', () => target.destroy());
    });
  });
  return { port, heads };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await listening(server);
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function listening(server: Server): Promise<void> {
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done()));
}
