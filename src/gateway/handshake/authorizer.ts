import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AuthorizeSpec } from '../../plan/edge/plan.ts';
import {
  type AuthorizerAnswer,
  authorizerBodyBytesMax,
  authorizerRequestHeaders,
  type Header,
  isAuthorizersHeader,
  readAuthorizerAnswer,
} from '../../policy/admission/authorize.ts';
import type { WorkerState } from '../worker-state.ts';
import { type Arrival, noteLeft, turnAway } from './arrival.ts';

// An authorizer is asked for every handshake, so its connections are kept; more at once than this, and a crowd would
// take it down: the rest wait, under the authorizer's deadline.
const settings = { keepAlive: true, maxSockets: 128, maxFreeSockets: 16, timeout: 60_000 };
const agents = { 'http:': new http.Agent(settings), 'https:': new https.Agent(settings) };

interface Answer {
  readonly status: number;
  readonly headers: readonly Header[];
  /** null when it was too long to pass on. */
  readonly body: Buffer | null;
}

/**
 * Asks the route's authorizer about a handshake. True: go on, with what it gave for the server and the registry. False:
 * the client has been answered. Waits no longer than the authorizer's timeout, nor than the handshake's.
 */
export async function authorize(worker: WorkerState, arrival: Arrival, spec: AuthorizeSpec): Promise<boolean> {
  const { answer, body } = await consult(arrival, spec);
  if (arrival.patience.lost === 'left') {
    noteLeft(worker, arrival);
    return false;
  }
  switch (answer.kind) {
    case 'allow':
      arrival.extraHeaders = [...arrival.extraHeaders, ...answer.headers];
      arrival.withheld = (name) => isAuthorizersHeader(spec, name);
      arrival.tags = { ...arrival.tags, ...answer.tags };
      arrival.cookies = answer.cookies;
      return true;
    case 'refuse': {
      const headers = answer.headers.flat();
      turnAway(worker, arrival, 'authorize-refused', {
        status: answer.status,
        sentence: 'the authorizer refused the handshake',
        headers,
        body,
      });
      return false;
    }
    case 'fail': {
      const refusal = {
        status: 503,
        sentence: 'the handshake could not be authorized',
        headers: ['Retry-After', authorizerRetryAfter(worker)],
      };
      turnAway(worker, arrival, 'authorize-failed', refusal, answer.detail);
      return false;
    }
  }
}

export interface Consultation {
  readonly answer: AuthorizerAnswer;
  /** Of a refusal; null for none. */
  readonly body: Buffer | null;
}

/** What the authorizer is asked about: a handshake, or a plain request. */
export type Consulted = Pick<Arrival, 'request' | 'client' | 'patience'>;

/** Asks, and reads the answer. Never rejects. */
export async function consult(consulted: Consulted, spec: AuthorizeSpec): Promise<Consultation> {
  const asked = await ask(consulted, spec);
  if (typeof asked === 'string') return { answer: { kind: 'fail', detail: asked }, body: null };
  return { answer: readAuthorizerAnswer(spec, asked.status, asked.headers), body: asked.body };
}

/** An authorizer that fails is restarted within seconds; the crowd that it turned away must not come back as one. */
export function authorizerRetryAfter(worker: WorkerState): string {
  return String(2 + Math.floor(worker.random() * 10));
}

/** The answer, or a sentence that says why there is none. */
function ask(consulted: Consulted, spec: AuthorizeSpec): Promise<Answer | string> {
  const { request, client, patience } = consulted;
  const url = new URL(spec.url);
  const headers = authorizerRequestHeaders({
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: pairs(request.rawHeaders),
    client,
  });
  return new Promise((resolve) => {
    // Not left to the request's own end: a socket that has been upgraded, or closed between two answers, tells it
    // nothing.
    const settle = (answer: Answer | string) => {
      clearTimeout(timer);
      patience.listen(null);
      resolve(answer);
    };
    const giveUp = (why: string) => {
      settle(why);
      outgoing.destroy();
    };
    const timer = setTimeout(() => giveUp(`the authorizer did not answer within ${spec.timeoutMs} ms`), spec.timeoutMs);
    patience.listen(() => giveUp('the authorizer did not answer before the handshake’s own deadline'));
    let answered = false;
    const transport = url.protocol === 'https:' ? https : http;
    const outgoing = transport.request(url, {
      method: 'GET',
      agent: agents[url.protocol as keyof typeof agents],
      headers: ['Host', url.host, ...headers.flat()],
    });
    outgoing.on('response', (incoming) => {
      answered = true;
      collect(incoming).then(
        (body) => settle({ status: incoming.statusCode ?? 0, headers: pairs(incoming.rawHeaders), body }),
        (error: Error) => settle(`the authorizer broke off: ${error.message}`),
      );
    });
    outgoing.on('upgrade', (_incoming, socket) => {
      socket.on('error', ignore);
      socket.destroy();
      settle('the authorizer answered 101, which is not a decision');
    });
    outgoing.on('error', (error) => settle(`the authorizer could not be asked: ${error.message}`));
    // An answer that breaks off is noticed where it is read.
    outgoing.on('close', () => {
      if (!answered) settle('the authorizer ended the connection without an answer');
    });
    outgoing.end();
  });
}

/** The body, or null when it is longer than what is passed on; the rest is not read. */
async function collect(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > authorizerBodyBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function pairs(rawHeaders: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.push([rawHeaders[i]!, rawHeaders[i + 1]!]);
  return headers;
}

function ignore(): void {
  // The socket is being cut.
}
