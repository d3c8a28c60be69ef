import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { order } from '../../policy/balance/balance.ts';
import { dialEnded, dialStarted, type ServerState } from '../../policy/balance/server-state.ts';
import { clientOf } from '../../policy/client-address/forwarded.ts';
import type { ServerAddress } from '../handshake/server-dial.ts';
import { serverHeaders } from '../handshake/server-request.ts';
import { endsOf } from '../listen/proxied-ends.ts';
import type { LiveRoute } from '../route-table.ts';
import { addressOf } from '../upstream.ts';
import type { WorkerState } from '../worker-state.ts';

/**
 * Plain HTTP beside the WebSockets: pages, and the long-polling that clients fall back to. Streamed both ways, one
 * server after the other while none has been reached.
 */
export class HttpRelay {
  readonly #worker: WorkerState;
  // Idle ones are kept for the next request; 64 are plenty beside WebSockets, and each costs a descriptor.
  readonly #agents = {
    plain: new http.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 60_000 }),
    tls: new https.Agent({ keepAlive: true, maxFreeSockets: 64, timeout: 60_000 }),
  };

  constructor(worker: WorkerState) {
    this.#worker = worker;
  }

  relay(request: IncomingMessage, response: ServerResponse): void {
    // Of two hosts, the edge would route by one and the server answer for the other (RFC 9112, 3.2).
    if ((request.headersDistinct.host?.length ?? 0) > 1) {
      answer(response, 400, 'the request carries more than one Host header');
      return;
    }
    const route = this.#worker.routes.find(request.headers.host, request.url ?? '');
    if (route === undefined) {
      answer(response, 404, 'no route matches this host and path');
      return;
    }
    // A connection to the server is another descriptor.
    this.#worker.overload.noteSocket();
    if (this.#worker.overload.state.descriptors) {
      answer(response, 503, 'no new requests are taken at the moment');
      return;
    }
    const upstream = this.#worker.upstreams.get(route.spec.upstream)!;
    const context = { nowMs: this.#worker.clock.monotonicMs(), random: this.#worker.random, hashKey: null };
    const servers = order(upstream.state, context);
    this.#attempt({ request, response, route, servers, address: (server) => addressOf(upstream, server) }, 0);
  }

  close(): void {
    this.#agents.plain.destroy();
    this.#agents.tls.destroy();
  }

  #attempt(exchange: Exchange, index: number): void {
    const { request, response, servers } = exchange;
    const server = servers[index];
    if (server === undefined) {
      answer(response, 502, 'no server could be reached');
      return;
    }
    const address = exchange.address(server);
    const outgoing = this.#start(exchange, address);
    let answered = false;
    dialStarted(server);
    const settle = (result: 'answered' | 'failed' | 'abandoned') => {
      if (answered) return;
      answered = true;
      dialEnded(server, result, this.#worker.clock.monotonicMs());
    };

    outgoing.on('response', (incoming) => {
      settle('answered');
      pass(incoming, response);
    });
    // The server confirmed "Expect: 100-continue": now the client may send.
    outgoing.on('continue', () => response.writeContinue());
    outgoing.on('error', (error) => {
      const left = response.destroyed;
      const fresh = !answered && !outgoing.reusedSocket;
      settle(left ? 'abandoned' : 'failed');
      if (left) return;
      if (response.headersSent) {
        response.destroy();
        return;
      }
      this.#worker.emit({ kind: 'server-unreachable', server: server.url, detail: error.message });
      // A body that has begun to flow cannot be sent again; neither may anything that could act twice.
      const repeatable = !hasBody(request) && (request.method === 'GET' || request.method === 'HEAD');
      if (repeatable) this.#attempt(exchange, fresh ? index + 1 : index);
      else answer(response, 502, 'the server could not be reached');
    });
    response.once('close', () => {
      settle('abandoned');
      if (!outgoing.destroyed && !response.writableFinished) outgoing.destroy();
    });
    if (hasBody(request)) request.pipe(outgoing);
    else outgoing.end();
  }

  #start(exchange: Exchange, address: ServerAddress): http.ClientRequest {
    const { request } = exchange;
    const ends = endsOf(request.socket);
    const client = clientOf({
      peerAddress: ends.address,
      peerPort: ends.port,
      tls: 'encrypted' in request.socket,
      trustedProxies: this.#worker.trustedProxies,
      header: (name) => request.headersDistinct[name] ?? [],
    });
    const headers = serverHeaders(request, { client, extraHeaders: [], withheld: null });
    const chunked = request.headers['transfer-encoding'] !== undefined;
    if (chunked) headers.push('Transfer-Encoding', 'chunked');
    const options = {
      host: address.host,
      port: address.port,
      method: request.method,
      path: request.url,
      headers,
      setHost: false,
      ...(net.isIP(address.host) === 0 ? { servername: address.host } : {}),
    };
    return address.tls
      ? https.request({ ...options, agent: this.#agents.tls, rejectUnauthorized: address.verifyTls })
      : http.request({ ...options, agent: this.#agents.plain });
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: LiveRoute;
  readonly servers: readonly ServerState[];
  readonly address: (server: ServerState) => ServerAddress;
}

const ofOneHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

function pass(incoming: IncomingMessage, response: ServerResponse): void {
  const headers: string[] = [];
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    const name = incoming.rawHeaders[i]!;
    if (!ofOneHop.has(name.toLowerCase())) headers.push(name, incoming.rawHeaders[i + 1]!);
  }
  response.sendDate = false;
  response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, headers);
  // An answer that is streamed for a long time (long-polling, server-sent events) must not wait for its first byte.
  response.flushHeaders();
  incoming.pipe(response);
  incoming.on('error', () => response.destroy());
  incoming.on('aborted', () => response.destroy());
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${status} ${sentence}\n`);
}
