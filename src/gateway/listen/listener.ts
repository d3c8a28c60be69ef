import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type Socket } from 'node:net';
import { type Cidr, unixPeer } from '../../base/address.ts';
import { edgeConstants } from '../../plan/edge/constants.ts';
import type { ListenSpec } from '../../plan/edge/plan.ts';
import { headerValues } from '../../ws/head.ts';
import { listNames } from '../../ws/token.ts';
import type { Certificate } from '../contract.ts';
import { type Refusal, refuse } from '../handshake/refusal.ts';
import { wireOf } from '../sockets/wire-of.ts';
import type { Arrivals } from './call.ts';
import { InTurns } from './in-turns.ts';
import { endsOf, noteProxiedEnds } from './proxied-ends.ts';
import { readPreface } from './proxy-preface.ts';
import { receive } from './reception.ts';
import { chooseByName, type ServerTls, serverTls, subjectOf } from './tls-options.ts';
import { unfitRequest, unreadableRequest } from './unfit.ts';

export interface ListenerOptions {
  readonly listen: ListenSpec;
  /** A handle that another process has bound; null binds the address of `listen`. */
  readonly handle: unknown;
  readonly certificate: Certificate | null;
  /** From the first byte of a request to the end of its head. */
  readonly headTimeoutMs: number;
  /** Larger heads get 431. */
  readonly headBytesMax: number;
  readonly arrivals: Arrivals;
  /** Peers whose PROXY protocol header comes before anything else; null on a listener that expects none. */
  readonly proxies: (() => readonly Cidr[]) | null;
  /** Sockets are used by their handles where they can be. */
  readonly usesHandles: boolean;
  readonly usesTlsHandles: boolean;
}

export interface Listener {
  readonly address: { readonly host: string; readonly port: number };
  /** For TLS handshakes from now on; nothing on a listener without TLS. */
  setCertificate(certificate: Certificate | null): void;
  /** Stops accepting. Sockets that were upgraded are not touched; those of plain HTTP are closed when idle. */
  stopAccepting(): void;
  /** Closes what is left of plain HTTP. */
  close(): Promise<void>;
}

/** Browsers reuse a connection for about a minute; nginx keeps it for 75 s. */
const keepAliveMs = 65_000;
const backlog = edgeConstants.listenBacklog;

export async function listen(options: ListenerOptions): Promise<Listener> {
  const { certificate, arrivals, proxies, usesHandles, headTimeoutMs, headBytesMax } = options;
  const settings = {
    maxHeaderSize: headBytesMax,
    headersTimeout: headTimeoutMs,
    // Uploads and long-polling may take their time: the head's timeout is what holds idlers off.
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(1000, Math.max(100, headTimeoutMs / 4)),
    noDelay: true,
    // Node 24 and later ask; before, every wish to speak something else arrives as `upgrade`, and is put right there.
    shouldUpgradeCallback: asksForWebSocket,
  };
  let tls = certificate === null ? null : serverTls(certificate);
  const server =
    tls === null ? http.createServer(settings) : tlsServer(settings, tls, (name) => tls?.contextsFor(name) ?? []);
  const unanswered = new Unanswered();
  const expired = new WeakSet<Socket>();
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (expired.has(request.socket)) {
      cut(request.socket);
      return;
    }
    unanswered.add(request.socket, response);
    const refusal = unfitRequest(request, tls);
    if (refusal === null) {
      arrivals.onRequest(request, response);
      return;
    }
    arrivals.onNonsense(endsOf(request.socket).address, refusal.status, refusal.sentence);
    response.writeHead(refusal.status, { Connection: 'close', 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`${refusal.status} ${refusal.sentence}\n`);
  };
  server.on('request', onRequest);
  // Without an answer of ours node:http would confirm "Expect: 100-continue" before the server behind has been asked.
  server.on('checkContinue', onRequest);
  server.on('upgrade', (request, duplex, head) => {
    const socket = duplex as Socket;
    if (expired.has(socket)) {
      cut(socket);
      return;
    }
    const refusal = unfitRequest(request, tls);
    if (refusal !== null) {
      answerNonsense(refusal, socket, { arrivals, unanswered });
      return;
    }
    if (!unanswered.has(socket)) {
      if (asksForWebSocket(request)) {
        const ends = endsOf(socket);
        const wire = wireOf(socket, usesHandles);
        const overTls = 'encrypted' in socket;
        const certificateSubject = subjectOf(socket);
        arrivals.onCall({ request, handshake: null, wire, head, ends, tls: overTls, certificateSubject });
      } else
        server.emit(certificate === null ? 'connection' : 'secureConnection', withoutUpgrade(request, socket, head));
      return;
    }
    // The 101 would land in front of, or within, the answer that the client waits for first.
    arrivals.onNonsense(
      endsOf(socket).address,
      null,
      'a handshake came before the request in front of it was answered',
    );
    cut(socket);
  });
  server.on('connect', (_request, duplex) => {
    const refusal = { status: 405, sentence: 'this edge opens no tunnels', headers: ['Allow', 'GET'] };
    answerNonsense(refusal, duplex as Socket, { arrivals, unanswered });
  });
  const onClientError = ({ code, socket }: { readonly code: string | undefined; readonly socket: Socket }) => {
    // Nobody said anything wrong: the network, or a client that was done with its connection, ended it.
    if (code === 'ECONNRESET' || code === 'EPIPE') socket.destroy();
    else if (code?.startsWith('ERR_SSL_') || code === 'ERR_TLS_HANDSHAKE_TIMEOUT') {
      arrivals.onNonsense(endsOf(socket).address, null, `the TLS handshake failed: ${code}`);
      socket.destroy();
    } else answerNonsense(unreadableRequest(code, headBytesMax), socket, { arrivals, unanswered });
  };
  const late = new InTurns(onClientError, () => performance.now());
  server.on('clientError', ({ code }: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
      // What it says until its turn comes is said too late.
      expired.add(socket);
      late.add({ code, socket });
    } else onClientError({ code, socket });
  });

  const byHandle = certificate === null ? usesHandles : options.usesTlsHandles;
  const front = proxies === null && !byHandle ? server : frontOf(server, options);
  front.prependListener('connection', (socket: Socket) => {
    if (options.listen.address.unix !== undefined) noteProxiedEnds(socket, { address: unixPeer, port: 0 });
    if (!arrivals.onSocket()) socket.destroy();
  });
  await startListening(front, options);
  if (front !== server) {
    // node:http begins to look after the deadlines of its connections when it is told that it listens.
    server.emit('listening');
    if (byHandle) {
      const current = tls === null ? null : () => tls!;
      receive({ front, http: server, headTimeoutMs, headBytesMax, proxies, arrivals, tls: current });
    }
  }
  const { host, port, unix } = options.listen.address;
  const bound = unix === undefined ? (front.address() as net.AddressInfo | null) : null;
  return {
    address: { host: bound?.address ?? host, port: bound?.port ?? port },
    setCertificate: (next) => {
      if (next === null || !(server instanceof https.Server)) return;
      tls = serverTls(next);
      server.setSecureContext(tls.options);
    },
    stopAccepting: () => {
      front.close(noop);
      if (front !== server) server.close(noop);
      server.closeIdleConnections();
    },
    close: async () => {
      front.close(noop);
      if (front !== server) server.close(noop);
      server.closeAllConnections();
    },
  };
}

/** A server in front of node:http's: sockets that come by it go through the preface first, if there is one. */
function frontOf(server: http.Server | https.Server, { certificate, proxies, arrivals }: ListenerOptions): net.Server {
  const onNonsense = (from: Socket, detail: string) => arrivals.onNonsense(endsOf(from).address, null, detail);
  return net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    readPreface(socket, { trustedProxies: proxies?.() ?? [], onNonsense }, () => {
      server.emit('connection', socket);
      // TLS takes what was read already by itself: flowing, it would run past it into nowhere.
      if (certificate === null) socket.resume();
    });
  });
}

const refused = new WeakSet<Socket>();

function answerNonsense(
  refusal: Refusal,
  socket: Socket,
  { arrivals, unanswered }: { arrivals: Arrivals; unanswered: Unanswered },
): void {
  // What the refused client still sends comes here again, piece by piece.
  if (refused.has(socket)) return;
  refused.add(socket);
  // Words of ours within the answer to an earlier request would be taken for a part of it.
  const answerable = socket.writable && !unanswered.has(socket);
  arrivals.onNonsense(endsOf(socket).address, answerable ? refusal.status : null, refusal.sentence);
  if (answerable) refuse(socket, refusal);
  else cut(socket);
}

function cut(socket: Socket): void {
  // node:http takes its own handlers off a socket that leaves HTTP.
  socket.on('error', noop);
  socket.destroy();
}

/** Sockets with requests whose answers are not through: clients may send the next one before. */
class Unanswered {
  readonly #counts = new WeakMap<Socket, number>();

  has(socket: Socket): boolean {
    return (this.#counts.get(socket) ?? 0) > 0;
  }

  add(socket: Socket, response: ServerResponse): void {
    this.#counts.set(socket, (this.#counts.get(socket) ?? 0) + 1);
    response.once('close', () => this.#counts.set(socket, this.#counts.get(socket)! - 1));
  }
}

function asksForWebSocket(request: IncomingMessage): boolean {
  return headerValues(request.rawHeaders, 'upgrade').some((value) => listNames(value, 'websocket'));
}

/**
 * The socket with the request in front of it again, but for its wish to speak something else (h2c, which Java's client
 * asks for always): whoever does not speak that answers as if it had not been asked (RFC 9110, 7.8).
 */
function withoutUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Socket {
  let text = `${request.method} ${request.url} HTTP/${request.httpVersion}\r\n`;
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!;
    if (name.toLowerCase() !== 'upgrade') text += `${name}: ${request.rawHeaders[i + 1]}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  return socket;
}

function tlsServer(
  settings: https.ServerOptions & { readonly headersTimeout: number },
  tls: ServerTls,
  contextsFor: ServerTls['contextsFor'],
): https.Server {
  return https.createServer({
    ...settings,
    // As node:http has it for plain sockets: a client's FIN must not end our side while its server still has words for
    // it.
    allowHalfOpen: true,
    ...tls.options,
    SNICallback(this: unknown, name, done) {
      chooseByName(this, contextsFor(name), done);
    },
    // Who shows none is told so in words of HTTP; an alert of TLS would leave a browser with an error page that says
    // nothing.
    requestCert: tls.asksClients,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    // A TLS handshake comes before the head, and holds a descriptor just the same; the default is two minutes.
    handshakeTimeout: settings.headersTimeout,
  });
}

function startListening(server: net.Server, options: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const listening = () => {
      server.removeListener('error', reject);
      resolve();
    };
    const { host, port, unix } = options.listen.address;
    if (options.handle === null)
      server.listen(unix === undefined ? { host, port, backlog } : { path: unix.path, backlog }, listening);
    // node:net takes a TCP handle as it is, and that of a Unix socket by its descriptor only.
    else if (unix === undefined) server.listen(options.handle as object, backlog, listening);
    else server.listen({ fd: (options.handle as { readonly fd: number }).fd, backlog }, listening);
  });
}

function noop(): void {
  // For what needs no answer: close() of a server that is not running any more, errors of a socket that is being cut.
}
