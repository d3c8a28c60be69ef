import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientOf, type ForwardedClient } from '../../policy/client-address/forwarded.ts';
import { rewriteRequest } from '../../policy/rewriting/rewriting.ts';
import { targetProblems } from '../../policy/routes/target.ts';
import { headerValues } from '../../ws/head.ts';
import { pathOf } from '../handshake/arrival.ts';
import { Patience } from '../handshake/patience.ts';
import { settleTarget } from '../handshake/request-target.ts';
import type { HeaderChanges } from '../handshake/server-request.ts';
import { endsOf } from '../listen/proxied-ends.ts';
import { subjectOf } from '../listen/tls-options.ts';
import { answerEdit, exchangeFacts } from '../routing/rewriting.ts';
import { choiceHeaders, serversFor } from '../routing/server-choice.ts';
import { addressOf } from '../routing/upstream.ts';
import type { WorkerState } from '../worker-state.ts';
import { Exchange } from './exchange.ts';
import { type Framing, readFraming } from './framing.ts';

import { judgeByAuthorizer, judgeHere, judgePlace, type Passed, type PlainRequest, type Refused } from './policy.ts';

import { ServerPools } from './pools.ts';
import { reply } from './reply.ts';
import { requestHeaders } from './request-headers.ts';
import { RequestTurns } from './turns.ts';

/**
 * Plain HTTP beside the WebSockets: pages, and the long-polling that clients fall back to. The route's policy holds for
 * it as for the handshakes; what passes is streamed both ways.
 */
export class HttpRelay {
  readonly #worker: WorkerState;
  readonly #pools: ServerPools;
  readonly #turns = new RequestTurns();

  constructor(worker: WorkerState) {
    this.#worker = worker;
    this.#pools = new ServerPools(() => worker.clock.monotonicMs());
  }

  relay(request: IncomingMessage, response: ServerResponse): void {
    this.#turns.take(request, response, () => void this.#serve(request, response));
  }

  close(): void {
    this.#pools.close();
  }

  /** Never rejects. */
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (response.destroyed) return;
    const wrong = settleTarget(request);
    if (wrong !== null) {
      reply(request, response, { ...targetProblems[wrong], headers: ['Connection', 'close'] });
      return;
    }
    const body = readFraming(request);
    if (!body.ok) {
      reply(request, response, { status: 400, sentence: body.sentence, headers: ['Connection', 'close'] });
      return;
    }
    const route = this.#worker.routes.find(hostOf(request), request.url ?? '');
    if (route === undefined) {
      reply(request, response, { status: 404, sentence: 'no route matches this host and path' });
      return;
    }
    const client = this.#clientOf(request);
    // A connection to the server is another descriptor.
    this.#worker.overload.noteSocket();
    const plain: PlainRequest = { request, route, client, patience: new Patience() };
    const refused = judgeHere(this.#worker, plain);
    if (refused !== null) {
      this.#refuse(plain, response, refused);
      return;
    }
    const reservation = { route: route.spec.name, clientAddress: client.address };
    const full = await judgePlace(this.#worker, reservation);
    if (full !== null) {
      this.#refuse(plain, response, full);
      return;
    }
    this.#hold(response, reservation, plain.patience);
    const verdict = await judgeByAuthorizer(this.#worker, plain);
    if (response.destroyed) return;
    if (verdict.kind === 'refuse') this.#refuse(plain, response, verdict);
    else this.#exchange(plain, response, { framing: body.framing, verdict });
  }

  /** Answers, and says so to the log as of a handshake. The counts of handshakes leave it out. */
  #refuse(
    { request, route, client }: PlainRequest,
    response: ServerResponse,
    { outcome, detail, ...rest }: Refused,
  ): void {
    const origin = headerValues(request.rawHeaders, 'origin')[0] ?? null;
    const refusal = {
      outcome,
      status: rest.reply.status,
      route: route.spec.name,
      clientAddress: client.address,
      host: hostOf(request) ?? '',
      path: pathOf(request),
      origin,
      detail,
    };
    this.#worker.emit({ kind: 'refused', refusal });
    reply(request, response, rest.reply);
  }

  /** Keeps the place that was given until the answer is through, or the client has left. */
  #hold(response: ServerResponse, reservation: { route: string; clientAddress: string }, patience: Patience): void {
    const worker = this.#worker;
    if (response.closed) {
      worker.desk.release(reservation);
      return;
    }
    worker.pendingHandshakes++;
    worker.patiences.add(patience);
    response.once('close', () => {
      worker.pendingHandshakes--;
      worker.desk.release(reservation);
      worker.patiences.delete(patience);
      patience.lose('left');
    });
  }

  #exchange(
    { request, route, client }: PlainRequest,
    response: ServerResponse,
    { framing, verdict }: { readonly framing: Framing; readonly verdict: Passed },
  ): void {
    const worker = this.#worker;
    const upstream = worker.upstreams.get(route.spec.upstream)!;
    const asker = { request, client };
    const http = route.spec.http!;
    const { rewriting } = route;
    const target = rewriting?.path == null ? (request.url ?? '/') : rewriting.path.toServer(request.url ?? '/');
    if (target === null) {
      reply(request, response, { status: 400, sentence: 'servers read this path in two ways' });
      return;
    }
    const { cookies, tags } = verdict;
    const facts = () => exchangeFacts({ request, client, route: route.spec.name, tags, subprotocols: [] });
    const reshape = rewriting && ((rawHeaders: readonly string[]) => rewriteRequest(rewriting, rawHeaders, facts()));
    const changes: HeaderChanges = { client, ...verdict.changes, reshape };
    new Exchange({
      request,
      response,
      framing,
      headersFor: (address) => requestHeaders(request, changes, new URL(address.origin).host),
      target,
      edit: (server) => answerEdit(rewriting, cookies, facts, addressOf(upstream, server).origin),
      headersFrom: (server) => choiceHeaders(worker, upstream, asker, server),
      servers: serversFor(worker, upstream, asker),
      addressOf: (server) => addressOf(upstream, server),
      pools: this.#pools,
      nowMs: () => worker.clock.monotonicMs(),
      timeouts: { bodyMs: http.bodyTimeoutMs, answerMs: http.answerTimeoutMs },
      onUnreachable: (server, detail) => worker.emit({ kind: 'server-unreachable', server: server.url, detail }),
    }).start();
  }

  #clientOf(request: IncomingMessage): ForwardedClient {
    const ends = endsOf(request.socket);
    return clientOf({
      peerAddress: ends.address,
      peerPort: ends.port,
      tls: 'encrypted' in request.socket,
      trustedProxies: this.#worker.trustedProxies,
      certificateSubject: subjectOf(request.socket),
      header: (name) => headerValues(request.rawHeaders, name),
    });
  }
}

function hostOf(request: IncomingMessage): string | undefined {
  return headerValues(request.rawHeaders, 'host')[0];
}
