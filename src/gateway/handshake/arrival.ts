import { tagValueLengthMax } from '../../policy/admission/tags.ts';
import { clientOf, type ForwardedClient } from '../../policy/client-address/forwarded.ts';
import { headerValues } from '../../ws/head.ts';
import type { RequestHead } from '../../ws/request-head.ts';
import type { HandshakeRefusal } from '../contract.ts';
import type { Call } from '../listen/call.ts';
import type { LiveRoute } from '../routing/route-table.ts';
import type { Wire } from '../tunnel/wire.ts';
import type { WorkerState } from '../worker-state.ts';
import type { EarlyBytes } from './early-bytes.ts';
import { keptText } from './kept-text.ts';
import type { Patience } from './patience.ts';
import { type Refusal, refuseWire } from './refusal.ts';
import type { ExtraHeaders } from './server-request.ts';

/** One handshake on its way through the edge: what came, and what the steps have found out so far. */
export interface Arrival {
  readonly request: RequestHead;
  readonly wire: Wire;
  /** Who listens to the client until there is a tunnel. */
  readonly early: EarlyBytes;
  readonly client: ForwardedClient;
  /** Of the socket: the client's own, or that of the proxy in front. */
  readonly peerAddress: string;
  readonly arrivedMs: number;
  readonly patience: Patience;
  route: LiveRoute | null;
  /** Headers for the server that an authorizer or a hook has set. */
  extraHeaders: ExtraHeaders;
  /**
   * Headers (lower-case names) of the client's that must not reach the server, because somebody else's word stands for
   * them.
   */
  withheld: ((name: string) => boolean) | null;
  /** What a hook said of the client's offer to compress; null leaves it to the route. */
  compression: 'pass' | 'off' | null;
  tags: Readonly<Record<string, string>>;
  /** Values of Set-Cookie that the client gets beside those of the server: the authorizer's. */
  cookies: readonly string[];
  /** Path and query that a hook has chosen for the server; null leaves them to the route. */
  target: string | null;
  /** Upstream and server (URL) that a hook has chosen; null leaves it to the route. */
  upstream: string | null;
  server: string | null;
}

export type RefusedOutcome = HandshakeRefusal['outcome'];

/** The tag by which people filter connections by the certificate of their client. */
const subjectTag = 'subject';
const noCookies: readonly string[] = Object.freeze([]);
const noTags: Readonly<Record<string, string>> = Object.freeze({});

export function arrive(worker: WorkerState, call: Call, early: EarlyBytes): Arrival {
  const { request, wire, ends, tls } = call;
  const client = clientOf({
    peerAddress: ends.address,
    peerPort: ends.port,
    tls,
    trustedProxies: worker.trustedProxies,
    certificateSubject: call.certificateSubject,
    header: (name) => headerValues(request.rawHeaders, name),
  });
  return {
    request,
    wire,
    early,
    client,
    peerAddress: ends.address,
    arrivedMs: worker.clock.monotonicMs(),
    patience: early.patience,
    route: null,
    extraHeaders: [],
    withheld: null,
    compression: null,
    tags:
      client.certificateSubject === ''
        ? noTags
        : { [subjectTag]: client.certificateSubject.slice(0, tagValueLengthMax) },
    cookies: noCookies,
    target: null,
    upstream: null,
    server: null,
  };
}

/** The request's path without its query, which may carry secrets. */
export function pathOf(request: RequestHead): string {
  const target = request.url ?? '/';
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** Answers and counts a handshake that ends here. `detail` is for the log, where the client is not told everything. */
export function turnAway(
  worker: WorkerState,
  arrival: Arrival,
  outcome: RefusedOutcome,
  refusal: Refusal,
  detail = refusal.sentence,
): void {
  note(worker, arrival, { outcome, status: arrival.early.over ? null : refusal.status, detail });
  refuseWire(arrival.wire, refusal);
}

/** The client left before it could be answered. */
export function noteLeft(worker: WorkerState, arrival: Arrival): void {
  note(worker, arrival, {
    outcome: 'client-left',
    status: null,
    detail: 'the client left before its handshake was answered',
  });
  arrival.wire.destroy();
}

/** Ends a handshake that nobody waits for any longer. */
export function endLost(worker: WorkerState, arrival: Arrival): void {
  const { lost } = arrival.patience;
  if (lost === 'left') noteLeft(worker, arrival);
  else if (lost === 'shutdown')
    // The next worker, or another edge, is there already: a client that asks again at once is right.
    turnAway(worker, arrival, 'gate-closed', {
      status: 503,
      sentence: 'this worker is shutting down',
      headers: ['Retry-After', '1'],
    });
  else
    turnAway(worker, arrival, 'timeout', {
      status: 504,
      sentence: 'the handshake was not answered in the time that its route allows',
    });
}

export function note(
  worker: WorkerState,
  arrival: Arrival,
  end: Pick<HandshakeRefusal, 'outcome' | 'status' | 'detail'>,
): void {
  const { request, client, route } = arrival;
  const refusal: HandshakeRefusal = {
    ...end,
    route: route?.spec.name ?? null,
    clientAddress: client.address,
    host: keptText('host', headerValues(request.rawHeaders, 'host')[0] ?? ''),
    path: keptText('path', pathOf(request)),
    origin: keptText('origin', headerValues(request.rawHeaders, 'origin')[0] ?? null),
  };
  worker.totals.refused(refusal);
  worker.emit({ kind: 'refused', refusal });
}
