import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { order } from '../policy/balance.ts';
import { clientOf, type ForwardedClient } from '../policy/forwarded.ts';
import { hashKeyOf } from '../policy/hash-key.ts';
import { decideOrigin } from '../policy/origin.ts';
import { connectionEnded, dialEnded, dialStarted, type ServerState } from '../policy/server-state.ts';
import type { AnswerExpectation, AnswerReading } from '../ws/client-handshake.ts';
import { type Handshake, readHandshake } from '../ws/handshake.ts';
import { type HandshakeProblem, handshakeProblems } from '../ws/handshake-problem.ts';
import { endsOf } from './client.ts';
import { Connection } from './connection.ts';
import { intern } from './intern.ts';
import { type Refusal, refuse } from './refusal.ts';
import { relayRefusal } from './refusal-relay.ts';
import type { LiveRoute } from './route-table.ts';
import { type DialOutcome, dialServer } from './server-dial.ts';
import { handshakeHead, serverHeaders } from './server-request.ts';
import type { HandshakeRefusal } from './surface.ts';
import { addressOf, type Upstream } from './upstream.ts';
import { Wire } from './wire.ts';
import type { WorkerState } from './worker-state.ts';

/** One handshake on its way through the edge: everything that the steps below need to know of it. */
interface Arrival {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly client: ForwardedClient;
  readonly arrivedMs: number;
  readonly abort: AbortController;
  route: LiveRoute | null;
}

type Outcome = HandshakeRefusal['outcome'];

const outcomeOfProblem: Partial<Record<HandshakeProblem, Outcome>> = {
  version: 'wrong-version',
  'upgrade-other': 'other-protocol',
};

/** Takes a request that asks for an upgrade from its arrival to an open tunnel or a refusal. Never rejects. */
export async function upgrade(
  worker: WorkerState,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  const arrival = arrive(worker, request, socket, head);
  const { method = '', httpVersion, rawHeaders } = request;
  const reading = readHandshake({ method, httpVersion, rawHeaders });
  if (!reading.ok) {
    const { status, sentence, headers } = handshakeProblems[reading.problem];
    turnAway(worker, arrival, outcomeOfProblem[reading.problem] ?? 'bad-handshake', { status, sentence, headers });
    return;
  }
  const route = worker.routes.find(request.headers.host, request.url ?? '');
  if (route === undefined) {
    turnAway(worker, arrival, 'no-route', { status: 404, sentence: 'no route matches this host and path' });
    return;
  }
  arrival.route = route;
  if (worker.gateClosed) {
    turnAway(worker, arrival, 'gate-closed', {
      status: 503,
      sentence: 'this edge takes no new connections at the moment',
      headers: ['Retry-After', '5'],
    });
    return;
  }
  const { handshake } = reading;
  if (!decideOrigin(route.origins, handshake.origin === null ? [] : [handshake.origin]).allowed) {
    turnAway(worker, arrival, 'origin-refused', { status: 403, sentence: 'pages of this origin may not connect here' });
    return;
  }
  await connect(worker, arrival, route, handshake);
}

function arrive(worker: WorkerState, request: IncomingMessage, socket: Socket, head: Buffer): Arrival {
  const ends = endsOf(socket);
  const client = clientOf({
    peerAddress: ends.address,
    peerPort: ends.port,
    tls: 'encrypted' in socket,
    trustedProxies: worker.trustedProxies,
    header: (name) => request.headersDistinct[name] ?? [],
  });
  return {
    request,
    socket,
    head,
    client,
    arrivedMs: worker.clock.monotonicMs(),
    abort: new AbortController(),
    route: null,
  };
}

/** Finds a server that answers, one after the other, until the route's handshake timeout. */
async function connect(worker: WorkerState, arrival: Arrival, route: LiveRoute, handshake: Handshake): Promise<void> {
  const { request, socket, abort } = arrival;
  const upstream = worker.upstreams.get(route.spec.upstream)!;
  const timer = setTimeout(() => abort.abort('timeout'), route.spec.handshake.timeoutMs);
  const onLeft = () => abort.abort('left');
  const onError = () => abort.abort('left');
  socket.on('close', onLeft);
  socket.on('error', onError);

  const target = request.url ?? '/';
  const extensions = request.headers['sec-websocket-extensions'] ?? null;
  const attempt = {
    head: handshakeHead(target, serverHeaders(request, arrival.client, [])),
    expected: { key: handshake.key, subprotocols: handshake.subprotocols, extensions } satisfies AnswerExpectation,
    signal: abort.signal,
  };
  let failure = 'no server of the upstream has room';
  let done: { server: ServerState; outcome: Exclude<DialOutcome, { kind: 'unreachable' }> } | null = null;
  for (const server of serversFor(worker, upstream, arrival)) {
    dialStarted(server);
    const outcome = await dialServer({ server: addressOf(upstream, server), ...attempt });
    const silent = outcome.kind === 'aborted' && abort.signal.reason === 'timeout';
    dialEnded(server, silent ? 'failed' : dialResults[outcome.kind], worker.clock.monotonicMs());
    if (outcome.kind !== 'unreachable') {
      done = { server, outcome };
      break;
    }
    failure = outcome.detail;
    worker.emit({ kind: 'server-unreachable', server: server.url, detail: outcome.detail });
  }
  clearTimeout(timer);
  socket.removeListener('close', onLeft);
  socket.removeListener('error', onError);

  if (done === null) {
    turnAway(worker, arrival, 'server-unreachable', { status: 502, sentence: 'no server could be reached' }, failure);
    return;
  }
  const { server, outcome } = done;
  if (outcome.kind === 'upgraded' && !socket.destroyed) {
    open(worker, { arrival, route, handshake, server, outcome });
    return;
  }
  if (outcome.kind === 'upgraded') {
    outcome.socket.destroy();
    connectionEnded(server, { by: 'client', livedMs: 0 }, worker.clock.monotonicMs());
    turnAway(worker, arrival, 'client-left', { status: 499, sentence: '' });
  } else if (outcome.kind === 'refused') {
    note(worker, arrival, 'server-refused', outcome.head.status, '');
    relayRefusal({
      client: socket,
      server: outcome.socket,
      head: outcome.head,
      rest: outcome.rest,
      timeoutMs: route.spec.handshake.timeoutMs,
    });
  } else if (outcome.kind === 'nonsense') {
    turnAway(
      worker,
      arrival,
      'server-nonsense',
      { status: 502, sentence: 'the server’s answer is no WebSocket handshake' },
      outcome.detail,
    );
  } else if (abort.signal.reason === 'left') {
    turnAway(worker, arrival, 'client-left', { status: 499, sentence: '' });
  } else {
    turnAway(worker, arrival, 'timeout', { status: 504, sentence: 'the server did not answer the handshake in time' });
  }
}

const dialResults = {
  upgraded: 'opened',
  refused: 'answered',
  nonsense: 'failed',
  unreachable: 'failed',
  aborted: 'abandoned',
} as const satisfies Record<DialOutcome['kind'], Parameters<typeof dialEnded>[1]>;

function serversFor(worker: WorkerState, upstream: Upstream, arrival: Arrival): ServerState[] {
  const { balance } = upstream.state;
  const { request, client } = arrival;
  const hashKey =
    balance.kind === 'hash'
      ? hashKeyOf(balance.key, {
          clientAddress: client.address,
          target: request.url ?? '/',
          header: (name) => {
            const value = request.headers[name];
            return Array.isArray(value) ? value[0] : value;
          },
        })
      : null;
  return order(upstream.state, { nowMs: worker.clock.monotonicMs(), random: worker.random, hashKey });
}

interface Opening {
  readonly arrival: Arrival;
  readonly route: LiveRoute;
  readonly handshake: Handshake;
  readonly server: ServerState;
  readonly outcome: Extract<DialOutcome, { kind: 'upgraded' }>;
}

function open(worker: WorkerState, opening: Opening): void {
  const { arrival, route, handshake, server, outcome } = opening;
  const { client, request, socket } = arrival;
  const totals = worker.totals.of(route.spec.name);
  const compressed = isCompressed(outcome.reading);
  const clientWire = new Wire(socket);
  const serverWire = new Wire(outcome.socket);
  const openedMs = worker.clock.monotonicMs();
  const connection = new Connection({
    host: worker,
    serverState: server,
    facts: {
      id: worker.nextId(),
      openedAtMs: worker.clock.nowMs(),
      clientAddress: intern(client.address),
      clientPort: client.port,
      tls: client.proto === 'https',
      upstream: route.spec.upstream,
      server: server.url,
      host: intern(handshake.host),
      path: intern(pathOf(request.url ?? '/')),
      origin: intern(handshake.origin),
      userAgent: intern(request.headers['user-agent'] ?? null),
      subprotocol: intern(outcome.reading.subprotocol),
      compressed,
      tags: noTags,
    },
    route: route.spec,
    totals,
    client: clientWire,
    server: serverWire,
    rules: compressed ? route.rules.compressed : route.rules.plain,
  });
  worker.connections.set(connection.id, connection);
  worker.registry.add(connection);
  worker.totals.upgraded(route.spec.name, openedMs - arrival.arrivedMs);
  worker.emit({ kind: 'opened', record: connection });
  clientWire.write(outcome.answer);
  connection.open(arrival.head, outcome.rest);
}

const noTags: Readonly<Record<string, string>> = Object.freeze({});

function isCompressed(reading: Extract<AnswerReading, { ok: true }>): boolean {
  return reading.extensions.some((extension) => extension.name === 'permessage-deflate');
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

function turnAway(
  worker: WorkerState,
  arrival: Arrival,
  outcome: Outcome,
  refusal: Refusal,
  detail = refusal.sentence,
): void {
  const gone = arrival.socket.destroyed;
  note(worker, arrival, outcome, gone ? null : refusal.status, detail);
  refuse(arrival.socket, refusal);
}

function note(worker: WorkerState, arrival: Arrival, outcome: Outcome, status: number | null, detail: string): void {
  const { request, client, route } = arrival;
  const refusal: HandshakeRefusal = {
    outcome,
    status,
    route: route?.spec.name ?? null,
    clientAddress: client.address,
    host: request.headers.host ?? '',
    path: pathOf(request.url ?? ''),
    origin: request.headers.origin ?? null,
    detail,
  };
  worker.totals.refused(refusal);
  worker.emit({ kind: 'refused', refusal });
}
