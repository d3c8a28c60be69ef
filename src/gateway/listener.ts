import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import type { ListenSpec } from '../plan/edge.ts';
import { refuse } from './refusal.ts';
import type { Certificate } from './surface.ts';

export interface Arrivals {
  /** A request that asks for an upgrade. The socket has no readers; `head` came behind the request. */
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  /** What came is no HTTP request; it has been answered. */
  onNonsense(socket: Socket, status: number, detail: string): void;
}

export interface ListenerOptions {
  readonly listen: ListenSpec;
  /** A handle that another process has bound; null binds the address of `listen`. */
  readonly handle: unknown;
  readonly certificate: Certificate | null;
  /** From the first byte of a request to the end of its head. */
  readonly headTimeoutMs: number;
  readonly arrivals: Arrivals;
  /** Looks at a new socket before HTTP does (PROXY protocol); calls `next` once the rest is HTTP or TLS. */
  readonly preface: ((socket: Socket, next: () => void) => void) | null;
}

export interface Listener {
  readonly address: { readonly host: string; readonly port: number };
  /** Stops accepting. Sockets that were upgraded are not touched; those of plain HTTP are closed when idle. */
  stopAccepting(): void;
  /** Closes what is left of plain HTTP. */
  close(): Promise<void>;
}

/** Request heads above this are refused with 431: nginx takes 4 buffers of 8k, node:http 16 KiB, and cookies need a few KiB. */
const headBytesMax = 16_384;
/** Browsers reuse a connection for about a minute; nginx keeps it for 75 s. */
const keepAliveMs = 65_000;
/** The kernel caps it at somaxconn; a reconnecting herd needs all that it gives. */
const backlog = 4096;

export async function listen(options: ListenerOptions): Promise<Listener> {
  const { certificate, arrivals, preface } = options;
  const settings = {
    maxHeaderSize: headBytesMax,
    headersTimeout: options.headTimeoutMs,
    // Uploads and long-polling may take their time: the head's timeout is what holds idlers off.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, Math.max(100, options.headTimeoutMs / 4)),
    noDelay: true,
  };
  const server =
    certificate === null
      ? http.createServer(settings)
      : https.createServer({ ...settings, ...certificate, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' });
  server.on('upgrade', (request, socket, head) => arrivals.onUpgrade(request, socket as Socket, head));
  server.on('request', (request, response) => arrivals.onRequest(request, response));
  // Without an answer of ours node:http would confirm "Expect: 100-continue" before the server behind has been asked.
  server.on('checkContinue', (request, response) => arrivals.onRequest(request, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => answerNonsense(error, socket as Socket, arrivals));
  // A TLS handshake that fails leaves nobody to answer.
  server.on('tlsClientError', (_error, socket) => socket.destroy());

  const front =
    preface === null
      ? server
      : net.createServer({ noDelay: true }, (socket) => preface(socket, () => server.emit('connection', socket)));
  await startListening(front, options);
  const bound = front.address() as net.AddressInfo | null;
  return {
    address: { host: bound?.address ?? options.listen.address.host, port: bound?.port ?? options.listen.address.port },
    stopAccepting: () => {
      front.close(noop);
      server.closeIdleConnections();
    },
    close: async () => {
      front.close(noop);
      server.closeAllConnections();
    },
  };
}

const statusByError: Readonly<Record<string, readonly [status: number, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'the request head is larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request head did not arrive in time'],
};

function answerNonsense(error: NodeJS.ErrnoException, socket: Socket, arrivals: Arrivals): void {
  const [status, sentence] = statusByError[error.code ?? ''] ?? [400, 'the bytes are not an HTTP request'];
  arrivals.onNonsense(socket, status, sentence);
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else refuse(socket, { status, sentence });
}

function startListening(server: net.Server, options: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const listening = () => {
      server.removeListener('error', reject);
      resolve();
    };
    if (options.handle === null)
      server.listen({ host: options.listen.address.host, port: options.listen.address.port, backlog }, listening);
    else server.listen(options.handle as object, backlog, listening);
  });
}

function noop(): void {
  // close() reports "not running" here when it was called before: there is nothing to do then.
}
