import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import {
  dialEnded,
  dialStarted,
  requestEnded,
  requestStarted,
  type ServerState,
} from '../../policy/balance/server-state.ts';
import type { ServerAddress } from '../handshake/server-wire.ts';
import type { AnswerEdit } from '../routing/rewriting.ts';
import { Attempt, type AttemptEnd } from './attempt.ts';
import type { Framing } from './framing.ts';
import { constantServername, type ServerPools } from './pools.ts';
import { type Reply, reply } from './reply.ts';
import type { HttpTimeouts } from './timeouts.ts';

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly framing: Framing;
  /** The request's headers for a server. Name, value, name, value … */
  readonly headersFor: (address: ServerAddress) => string[];
  /** Path and query that the server is asked for. */
  readonly target: string;
  /** What becomes of the headers of a server's answer. */
  readonly edit: (server: ServerState) => AnswerEdit;
  /** More headers for the client, once it is known which server answers. */
  readonly headersFrom: (server: ServerState) => readonly string[];
  /** In the order in which they are tried. */
  readonly servers: readonly ServerState[];
  readonly addressOf: (server: ServerState) => ServerAddress;
  readonly pools: ServerPools;
  readonly nowMs: () => number;
  readonly timeouts: HttpTimeouts;
  readonly onUnreachable: (server: ServerState, detail: string) => void;
}

/** One request of a client with the servers: one after the other while none has got it, and one answer. */
export class Exchange {
  readonly #options: ExchangeOptions;
  #index = 0;
  #brokenOff = false;
  #attempt: Attempt | null = null;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    options.response.once('close', () => this.#attempt?.abandon());
  }

  start(): void {
    const { request, response, servers } = this.#options;
    if (response.destroyed) return;
    const server = servers[this.#index];
    if (server === undefined) {
      this.#fail({ status: 502, sentence: 'no server of the upstream has room' });
      return;
    }
    const address = this.#options.addressOf(server);
    dialStarted(server);
    this.#attempt = new Attempt({
      request,
      response,
      hasBody: this.#options.framing.kind !== 'none',
      timeouts: this.#options.timeouts,
      edit: this.#options.edit(server),
      headersFrom: () => this.#options.headersFrom(server),
      onAnswered: () => {
        dialEnded(server, 'answered', this.#options.nowMs());
        requestStarted(server);
      },
      onEnd: (end) => this.#ended(server, end),
    });
    const { body, handler } = this.#attempt;
    try {
      this.#options.pools
        .get(address)
        .dispatch({ ...this.#outgoing(address), body } as Dispatcher.DispatchOptions, handler);
    } catch (error) {
      // What undici does not take as a request: nothing has been sent.
      this.#attempt.refuse(error as Error);
    }
  }

  #outgoing(address: ServerAddress): object {
    const { request, target, framing, timeouts, headersFor } = this.#options;
    const headers = headersFor(address);
    if (framing.kind === 'length' && framing.bytes > 0) headers.push('Content-Length', String(framing.bytes));
    return {
      method: request.method ?? 'GET',
      path: target,
      headers,
      headersTimeout: timeouts.answerMs,
      bodyTimeout: timeouts.answerMs,
      servername: constantServername,
    };
  }

  #ended(server: ServerState, end: AttemptEnd): void {
    this.#attempt = null;
    const nowMs = this.#options.nowMs();
    if (end.answered) requestEnded(server);
    else dialEnded(server, end.kind === 'left' || end.kind === 'own' ? 'abandoned' : 'failed', nowMs);
    if (end.kind === 'done' || end.kind === 'left') return;
    if (end.answered) return;
    if (end.kind === 'own') {
      this.#fail(end.reply);
      return;
    }
    this.#options.onUnreachable(server, end.detail);
    if (this.#next(end)) this.start();
    else this.#fail(end.reply);
  }

  /** What no server has got may go to the next; what one may have acted upon only where that does no harm. */
  #next(end: AttemptEnd): boolean {
    const { request, framing, servers } = this.#options;
    if (end.kind === 'unreached') {
      this.#index++;
      return this.#index < servers.length;
    }
    const { method } = request;
    const repeatable = framing.kind === 'none' && (method === 'GET' || method === 'HEAD');
    if (end.kind !== 'broken-off' || !repeatable) return false;
    // A kept connection may have been closed by its server just then: the same server, once, before the next.
    if (this.#brokenOff) this.#index++;
    this.#brokenOff = true;
    return this.#index < servers.length;
  }

  #fail(answer: Reply): void {
    const { request, response } = this.#options;
    if (!response.destroyed) reply(request, response, answer);
  }
}
