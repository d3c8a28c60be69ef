import {
  connectionEnded,
  type DialResult,
  dialEnded,
  dialStarted,
  type ServerState,
} from '../../policy/balance/server-state.ts';

import { offeredBy, rewriteRequest } from '../../policy/rewriting/rewriting.ts';

import { passesCompression } from '../../policy/routes/compression.ts';

import type { AnswerExpectation, AnswerReading } from '../../ws/client-handshake.ts';
import type { Handshake } from '../../ws/handshake.ts';
import { firstValue, headerValues } from '../../ws/head.ts';
import { deflateAgreed, keepsNoContext, withHeaders, withoutServerContext } from '../../ws/upgrade-answer.ts';
import { tellOpened } from '../hooks/life.ts';
import { intern } from '../intern.ts';
import { agreeOnDeflate, messageMode, runsInMessageMode } from '../messages/mode.ts';
import { type AnswerEdit, answerEdit, editHead, exchangeFacts } from '../routing/rewriting.ts';
import type { LiveRoute } from '../routing/route-table.ts';
import { choiceHeaders, serversFor } from '../routing/server-choice.ts';
import { addressOf, type Upstream } from '../routing/upstream.ts';
import { Connection } from '../tunnel/connection.ts';
import type { ConnectionOptions } from '../tunnel/connection-options.ts';
import { Recorder } from '../tunnel/moving/replay.ts';
import type { WorkerState } from '../worker-state.ts';
import { type Arrival, endLost, note, noteLeft, pathOf, turnAway } from './arrival.ts';
import { keptText } from './kept-text.ts';
import type { Patience } from './patience.ts';
import { redialler } from './redial/redial.ts';
import type { Remembered } from './redial/remembered.ts';
import { relayRefusal } from './refusal-relay.ts';
import { type DialOutcome, dialServer } from './server-dial.ts';
import { handshakeHead, serverHeaders } from './server-request.ts';

/**
 * Asks the servers, one after the other while none has been reached. True when a tunnel is open; otherwise the client
 * has its answer.
 */
export async function connect(
  worker: WorkerState,
  arrival: Arrival,
  route: LiveRoute,
  handshake: Handshake,
): Promise<boolean> {
  const { request, patience } = arrival;
  const upstream = worker.upstreams.get(arrival.upstream ?? route.spec.upstream);
  const messages = runsInMessageMode(worker, route);
  const userAgent = firstValue(request.rawHeaders, 'user-agent');
  const compresses = passesCompression(route.spec.compression, arrival.compression, userAgent);
  if (messages || !compresses) withhold(arrival, 'sec-websocket-extensions');
  const offered = offeredExtensions(request.rawHeaders);
  const extensions = messages || !compresses ? null : offerFor(arrival, route, offered);
  const { strict } = route.spec;
  const { rewriting } = route;
  const target = serverTarget(arrival, route);
  if (target === null) {
    turnAway(worker, arrival, 'bad-handshake', { status: 400, sentence: 'servers read this path in two ways' });
    return false;
  }
  const facts = () => exchangeFacts({ ...arrival, route: route.spec.name, subprotocols: handshake.subprotocols });
  const reshape = rewriting && ((rawHeaders: readonly string[]) => rewriteRequest(rewriting, rawHeaders, facts()));
  const { client, extraHeaders, withheld } = arrival;
  const subprotocols = offeredBy(rewriting, handshake.subprotocols);
  const attempt = {
    head: handshakeHead(target, serverHeaders(request, { client, extraHeaders, withheld, reshape })),
    expected: { key: handshake.key, subprotocols, extensions, strict } satisfies AnswerExpectation,
  };
  let failure = upstream === undefined ? 'the upstream does not exist' : 'no server of the upstream has room';
  for (const server of upstream === undefined ? [] : serversOf(worker, upstream, arrival)) {
    dialStarted(server);
    const outcome = await dialServer({
      server: addressOf(upstream!, server),
      head: attempt.head,
      expected: attempt.expected,
      patience,
      usesHandles: worker.usesHandles,
    });
    dialEnded(server, resultOf(outcome, patience), worker.clock.monotonicMs());
    if (outcome.kind !== 'unreachable') {
      const edit = answerEdit(rewriting, arrival.cookies, facts, addressOf(upstream!, server).origin);
      return finish(worker, {
        upstream: upstream!,
        arrival,
        route,
        handshake,
        messages,
        compresses,
        server,
        outcome,
        edit,
        move: route.spec.move === null || messages ? null : { head: attempt.head, expected: attempt.expected },
      });
    }
    failure = outcome.detail;
    worker.emit({ kind: 'server-unreachable', server: server.url, detail: outcome.detail });
  }
  turnAway(worker, arrival, 'server-unreachable', { status: 502, sentence: 'no server could be reached' }, failure);
  return false;
}

function offeredExtensions(rawHeaders: readonly string[]): string | null {
  const offers = headerValues(rawHeaders, 'sec-websocket-extensions');
  return (offers.length < 2 ? offers[0] : offers.join(', ')) || null;
}

/** What the server is asked for; null when the route would change a path that can be read in two ways. */
function serverTarget(arrival: Arrival, route: LiveRoute): string | null {
  const asked = arrival.request.url ?? '/';
  return arrival.target ?? (route.rewriting?.path == null ? asked : route.rewriting.path.toServer(asked));
}

interface Dialled<Outcome = Exclude<DialOutcome, { kind: 'unreachable' }>> {
  readonly upstream: Upstream;
  readonly arrival: Arrival;
  readonly route: LiveRoute;
  readonly handshake: Handshake;
  /** The connection is to run in message mode; the server was asked accordingly. */
  readonly messages: boolean;
  /** A client's offer to compress counts. */
  readonly compresses: boolean;
  readonly server: ServerState;
  readonly outcome: Outcome;
  readonly edit: AnswerEdit;
  /** What has to be remembered so that the connection can be moved; null when it cannot be. */
  readonly move: Pick<Remembered, 'head' | 'expected'> | null;
}

const results = {
  upgraded: 'opened',
  refused: 'answered',
  nonsense: 'failed',
  unreachable: 'failed',
  aborted: 'abandoned',
} as const satisfies Record<DialOutcome['kind'], DialResult>;

function resultOf(outcome: DialOutcome, patience: Patience): DialResult {
  // A server that stays silent until the deadline has failed; one whose client left has not.
  return outcome.kind === 'aborted' && patience.lost === 'timeout' ? 'failed' : results[outcome.kind];
}

/** The server has answered, or there is nobody left to answer. */
function finish(worker: WorkerState, dialled: Dialled): boolean {
  const { arrival, route, outcome, server, edit } = dialled;
  switch (outcome.kind) {
    case 'upgraded':
      if (!arrival.early.over) {
        open(worker, { ...dialled, outcome });
        return true;
      }
      outcome.wire.destroy();
      connectionEnded(server, { by: 'client', livedMs: 0 }, worker.clock.monotonicMs());
      noteLeft(worker, arrival);
      return false;
    case 'refused': {
      note(worker, arrival, {
        outcome: 'server-refused',
        status: outcome.head.status,
        detail: 'the server refused the handshake',
      });
      const { timeoutMs } = route.spec.handshake;
      const head = edit === null ? outcome.head : { ...outcome.head, rawHeaders: edit(outcome.head.rawHeaders) };
      relayRefusal({ client: arrival.wire, server: outcome.wire, head, rest: outcome.rest, timeoutMs });
      return false;
    }
    case 'nonsense':
      turnAway(
        worker,
        arrival,
        'server-nonsense',
        { status: 502, sentence: 'the server’s answer is no WebSocket handshake' },
        outcome.detail,
      );
      return false;
    case 'aborted':
      endLost(worker, arrival);
      return false;
  }
}

function serversOf(worker: WorkerState, upstream: Upstream, arrival: Arrival): ServerState[] {
  // One that drains or has left takes nobody, whoever chose it: another one has to do.
  const chosen = upstream.state.servers.find((server) => server.url === arrival.server && server.takes !== 'none');
  return chosen !== undefined ? [chosen] : serversFor(worker, upstream, arrival);
}

function open(worker: WorkerState, dialled: Dialled<Extract<DialOutcome, { kind: 'upgraded' }>>): void {
  const { upstream, arrival, route, handshake, server, outcome } = dialled;
  const { client, request, wire } = arrival;
  const own =
    dialled.messages && dialled.compresses
      ? agreeOnDeflate(handshake, route.rules.plain.client.messageBytesMax, outcome.answer)
      : { answer: outcome.answer, codec: null };
  const compressed = own.codec !== null || isCompressed(outcome.reading);
  const connection: Connection = new Connection({
    host: worker,
    serverState: server,
    facts: {
      id: worker.nextId(),
      openedAtMs: worker.clock.nowMs(),
      clientAddress: intern(client.address),
      clientPort: client.port,
      peerAddress: intern(arrival.peerAddress),
      tls: client.proto === 'https',
      upstream: arrival.upstream ?? route.spec.upstream,
      server: server.url,
      host: keptText('host', handshake.host),
      path: keptText('path', pathOf(request)),
      origin: keptText('origin', handshake.origin),
      userAgent: keptText('userAgent', firstValue(request.rawHeaders, 'user-agent')),
      subprotocol: keptText('subprotocol', outcome.reading.subprotocol),
      compressed,
      tags: arrival.tags,
    },
    route: route.spec,
    totals: worker.totals.of(route.spec.name),
    client: wire,
    server: outcome.wire,
    rules: compressed ? route.rules.compressed : route.rules.plain,
    messages: dialled.messages ? messageMode(worker, own.codec, () => connection) : null,
    move: dialled.move === null ? null : moveOptions(worker, dialled, dialled.move),
  });
  worker.connections.set(connection.id, connection);
  worker.registry.add(connection);
  worker.totals.upgraded(route.spec.name, worker.clock.monotonicMs() - arrival.arrivedMs);
  worker.emit({ kind: 'opened', record: connection });
  tellOpened(worker, connection);
  const withoutContext = dialled.move !== null && compressed ? keepsNoContext(own.answer) : own.answer;
  const answer = editHead(withoutContext, dialled.edit);
  wire.write(withHeaders(answer, choiceHeaders(worker, upstream, arrival, server)));
  // It may have been held for what it sent before its time.
  wire.resume();
  connection.open(arrival.early.head, outcome.rest);
}

type Opened = Dialled<Extract<DialOutcome, { kind: 'upgraded' }>>;

function moveOptions(
  worker: WorkerState,
  { arrival, route, outcome }: Opened,
  { head, expected }: NonNullable<Opened['move']>,
): ConnectionOptions['move'] {
  const { request, client, upstream } = arrival;
  const agreed = outcome.reading;
  const asker = { request: { url: request.url, rawHeaders: request.rawHeaders }, client };
  const replay = route.spec.move?.replay ?? null;
  const { rules } = isCompressed(agreed) ? { rules: route.rules.compressed } : { rules: route.rules.plain };
  return {
    redialler: redialler(worker, { head, expected, agreed, asker, route: route.spec.name, upstream }),
    recorder:
      replay && new Recorder(replay, rules.client, deflateAgreed(expected.extensions ?? null, agreed.extensions)),
  };
}

/**
 * What the server is offered: on a route where a client may not hear all that a server says, the server must not lean
 * on what was not heard.
 */
function offerFor(arrival: Arrival, route: LiveRoute, offered: string | null): string | null {
  if (offered === null || route.spec.move?.replay?.until == null) return offered;
  const offer = withoutServerContext(offered);
  arrival.extraHeaders = [...arrival.extraHeaders, ['Sec-WebSocket-Extensions', offer]];
  return offer;
}

function withhold(arrival: Arrival, name: string): void {
  const before = arrival.withheld;
  arrival.withheld = (header) => header === name || before?.(header) === true;
}

function isCompressed(reading: Extract<AnswerReading, { ok: true }>): boolean {
  return (
    reading.extensions.length > 0 && reading.extensions.some((extension) => extension.name === 'permessage-deflate')
  );
}
