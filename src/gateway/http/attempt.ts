import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { AnswerEdit } from '../routing/rewriting.ts';
import { passableAnswer } from './answer-head.ts';
import { endPolitely, type Reply } from './reply.ts';
import { RequestBody } from './request-body.ts';
import type { HttpTimeouts } from './timeouts.ts';

export interface AttemptOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly hasBody: boolean;
  readonly timeouts: HttpTimeouts;
  /** What becomes of the headers of the answer. */
  readonly edit: AnswerEdit;
  /** More headers for the client. */
  readonly headersFrom: () => readonly string[];
  /** The head of the answer is there. */
  readonly onAnswered: () => void;
  /** Called once. */
  readonly onEnd: (end: AttemptEnd) => void;
}

/**
 * `done`: answered to the end. `left`: the client left. `own`: the fault was the client's. `unreached`: the server has
 * got nothing of the request. `broken-off`: it may have, and has not answered. `silent`, `nonsense`: its answer did not
 * come, or is none that could be passed on.
 */
export interface AttemptEnd {
  readonly kind: 'done' | 'left' | 'own' | 'unreached' | 'broken-off' | 'silent' | 'nonsense';
  /** The head of an answer has reached the client, so that nothing else can. */
  readonly answered: boolean;
  readonly reply: Reply;
  readonly detail: string;
}

/**
 * As for handshakes: a server that has so much to say before its answer never gets to it, and reading that costs
 * everybody.
 */
const interimMax = 8;

/** One request on its way to one server. */
export class Attempt {
  readonly handler: Dispatcher.DispatchHandler;
  readonly body: Readable | null;
  readonly #options: AttemptOptions;
  readonly #body: RequestBody | null;
  #controller: Dispatcher.DispatchController | null = null;
  #stalled: NodeJS.Timeout | null = null;
  #answered = false;
  #interim = 0;
  #over = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#body = options.hasBody ? new RequestBody(options.request) : null;
    this.body = this.#body?.stream ?? null;
    this.handler = {
      onRequestStart: (controller) => this.#started(controller),
      onResponseStart: (controller, status, _headers, reason) => this.#head(controller, status, reason ?? ''),
      onResponseData: (controller, chunk) => this.#data(controller, chunk),
      onResponseEnd: () => this.#finished(),
      onResponseError: (_controller, error) => this.refuse(error),
    };
  }

  /** The client is gone. */
  abandon(): void {
    this.#end('left', { status: 499, sentence: '' }, 'the client left');
  }

  /** The server's side failed. */
  refuse(error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    const detail = error.message === '' ? (code ?? error.name) : error.message;
    if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
      this.#end('silent', { status: 504, sentence: 'the server did not answer in time' }, detail);
    else if (this.#controller === null)
      this.#end('unreached', { status: 502, sentence: 'no server could be reached' }, detail);
    else if (isBreak(code, detail))
      this.#end('broken-off', { status: 502, sentence: 'the server broke off before it answered' }, detail);
    else this.#end('nonsense', { status: 502, sentence: 'the server’s answer is no HTTP' }, detail);
  }

  #started(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) {
      controller.abort(new Error('the client left'));
      return;
    }
    const { request, response, timeouts } = this.#options;
    // Nobody else answers the expectation: the server is reached, and the body wanted (RFC 9110, 10.1.1).
    if (this.#body !== null && request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
    this.#body?.flow({
      timeoutMs: timeouts.bodyMs,
      onTooSlow: () =>
        this.#end('own', { status: 408, sentence: 'the body did not arrive in time' }, 'the body came too slowly'),
    });
  }

  #head(controller: Dispatcher.DispatchController, status: number, reason: string): void {
    // Early hints and the like are for this hop's client to have or not to have; the answer comes after them.
    if (this.#over) return;
    if (status >= 100 && status < 200) {
      if (++this.#interim > interimMax) this.#nonsense(`more than ${interimMax} interim answers came`);
      return;
    }
    const { request, response, edit, headersFrom, onAnswered } = this.#options;
    const passable = passableAnswer({ status, reason, rawHeaders: textOf(controller.rawHeaders) });
    if (!passable.ok) {
      this.#nonsense(passable.problem);
      return;
    }
    const { answer } = passable;
    const headers = [...(edit === null ? answer.rawHeaders : edit(answer.rawHeaders)), ...headersFrom()];
    if (!request.complete) headers.push('Connection', 'close');
    response.sendDate = false;
    response.writeHead(answer.status, answer.reason, headers);
    // An answer that is streamed for a long time (long-polling, server-sent events) must not wait for its first byte.
    response.flushHeaders();
    this.#answered = true;
    onAnswered();
  }

  #nonsense(problem: string): void {
    this.#end('nonsense', { status: 502, sentence: 'the server’s answer cannot be passed on' }, problem);
  }

  #data(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { response, timeouts } = this.#options;
    if (this.#over || response.write(chunk)) return;
    controller.pause();
    this.#stalled = setTimeout(() => {
      this.#end('own', { status: 408, sentence: '' }, 'the client does not read its answer');
    }, timeouts.answerMs);
    response.once('drain', () => {
      this.#resumed();
      controller.resume();
    });
  }

  #finished(): void {
    if (this.#over) return;
    this.#end('done', { status: 200, sentence: '' }, '');
    endPolitely(this.#options.request, this.#options.response);
  }

  #end(kind: AttemptEnd['kind'], reply: Reply, detail: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#resumed();
    this.#body?.stop();
    if (kind !== 'done') {
      this.#controller?.abort(new Error(detail));
      // Half an answer: only the end of the socket says so.
      if (this.#answered) this.#options.response.destroy();
    }
    this.#options.onEnd({ kind, answered: this.#answered, reply, detail });
  }

  #resumed(): void {
    if (this.#stalled !== null) clearTimeout(this.#stalled);
    this.#stalled = null;
  }
}

/**
 * The connection ended, by whatever error; everything else is an answer that undici does not take, an upgrade that
 * nobody asked for among them.
 */
function isBreak(code: string | undefined, detail: string): boolean {
  if (code === 'UND_ERR_SOCKET') return !detail.startsWith('bad ');
  return code === undefined || !/^(?:UND_ERR|HPE)_/.test(code);
}

/** As they came: undici gives the bytes. */
function textOf(rawHeaders: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(rawHeaders)) return [];
  return rawHeaders.map((each) => (typeof each === 'string' ? each : each.toString('latin1')));
}
