import type { IncomingMessage } from 'node:http';
import type { AdmissionDecision } from '../../policy/admission/admission.ts';
import { isAuthorizersHeader } from '../../policy/admission/authorize.ts';
import type { ForwardedClient } from '../../policy/client-address/forwarded.ts';
import { decideOrigin } from '../../policy/origins/origin.ts';
import type { HandshakeOutcome } from '../../registry/totals.ts';
import { headerValues } from '../../ws/head.ts';
import type { Reservation } from '../handshake/admission-desk.ts';
import { authorizerRetryAfter, consult } from '../handshake/authorizer.ts';
import { decideHere, unadmittedSentence } from '../handshake/local-admission.ts';
import type { Patience } from '../handshake/patience.ts';
import type { HeaderChanges } from '../handshake/server-request.ts';
import type { LiveRoute } from '../routing/route-table.ts';
import type { WorkerState } from '../worker-state.ts';
import type { Reply } from './reply.ts';

/** A plain request whose route is known. */
export interface PlainRequest {
  readonly request: IncomingMessage;
  readonly route: LiveRoute;
  readonly client: ForwardedClient;
  readonly patience: Patience;
}

/**
 * What an authorizer adds: headers for the server, cookies for the client, tags for the variables of the route's
 * headers.
 */
export interface Passed {
  readonly kind: 'pass';
  readonly changes: Pick<HeaderChanges, 'extraHeaders' | 'withheld'>;
  /** Values of Set-Cookie. */
  readonly cookies: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

export type RequestVerdict =
  | Passed
  | {
      readonly kind: 'refuse';
      readonly outcome: Exclude<HandshakeOutcome, 'upgraded'>;
      readonly reply: Reply;
      /** For the log. */
      readonly detail: string;
    };

export type Refused = Extract<RequestVerdict, { kind: 'refuse' }>;

/**
 * What needs nobody else: whether the route takes plain HTTP at all, this worker's state, and the page that the request
 * comes from.
 */
export function judgeHere(worker: WorkerState, plain: PlainRequest): Refused | null {
  const { http } = plain.route.spec;
  if (http === null) {
    const sentence = 'only WebSocket handshakes are taken here';
    return refuse('other-protocol', { status: 426, sentence, headers: ['Upgrade', 'websocket'] });
  }
  const here = decideHere(worker, plain.route.spec.name);
  return here.admitted ? judgeOrigin(plain) : unadmitted(here);
}

/** Takes a place for the request. The caller gives it back by `release` when the request is over, if it was given. */
export async function judgePlace(worker: WorkerState, reservation: Reservation): Promise<Refused | null> {
  const asked = worker.desk.reserve(reservation, 'request');
  const decision = asked instanceof Promise ? await asked : asked;
  return decision.admitted ? null : unadmitted(decision);
}

/** Asks the route's authorizer, where it has one that is to be asked. */
export async function judgeByAuthorizer(worker: WorkerState, plain: PlainRequest): Promise<RequestVerdict> {
  const { authorize } = plain.route.spec.handshake;
  if (authorize === null) return { kind: 'pass', changes: { extraHeaders: [], withheld: null }, cookies: [], tags: {} };
  // Whether it is asked or not: its words are never the client's to say.
  const withheld = (name: string) => isAuthorizersHeader(authorize, name);
  if (plain.route.spec.http?.authorize === false || isPreflight(plain.request))
    return { kind: 'pass', changes: { extraHeaders: [], withheld }, cookies: [], tags: {} };
  const { answer, body } = await consult(plain, authorize);
  if (answer.kind === 'allow') {
    const { headers, cookies, tags } = answer;
    return { kind: 'pass', changes: { extraHeaders: headers, withheld }, cookies, tags };
  }
  if (answer.kind === 'refuse') {
    const sentence = 'the authorizer refused the request';
    return refuse('authorize-refused', { status: answer.status, sentence, headers: answer.headers.flat(), body });
  }
  const sentence = 'the request could not be authorized';
  const headers = ['Retry-After', authorizerRetryAfter(worker)];
  return refuse('authorize-failed', { status: 503, sentence, headers }, answer.detail);
}

/** RFC 9110, 9.2.1: these change nothing on the server. */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

function judgeOrigin({ request, route }: PlainRequest): Refused | null {
  const origins = headerValues(request.rawHeaders, 'origin');
  const { http } = route.spec;
  const changes = !safeMethods.has(request.method ?? '');
  const asked = http?.origins === 'off' ? false : changes || (http?.origins === 'all' && origins.length > 0);
  if (!asked) return null;
  const decision = decideOrigin(route.origins, origins);
  if (decision.allowed) return null;
  const sentence =
    origins.length === 0
      ? 'a request without an Origin may not change anything here'
      : 'pages of this origin may not do this here';
  return refuse('origin-refused', { status: 403, sentence }, `${sentence} (${decision.reason})`);
}

/**
 * A browser's question whether it may ask: it never carries what an authorizer goes by, and the server decides on its
 * answer (Fetch, 3.3.2).
 */
function isPreflight(request: IncomingMessage): boolean {
  const { method, rawHeaders } = request;
  return method === 'OPTIONS' && headerValues(rawHeaders, 'access-control-request-method').length > 0;
}

function unadmitted(decision: Extract<AdmissionDecision, { admitted: false }>): Refused {
  const { outcome, status, detail, retryAfterSeconds } = decision;
  const headers = ['Retry-After', String(retryAfterSeconds)];
  return refuse(outcome, { status, sentence: unadmittedSentence(status), headers }, detail);
}

function refuse(outcome: Refused['outcome'], reply: Reply, detail = reply.sentence): Refused {
  return { kind: 'refuse', outcome, reply, detail };
}
