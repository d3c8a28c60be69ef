import type { AdmissionDecision } from '../../policy/admission/admission.ts';
import { decideOrigin } from '../../policy/origins/origin.ts';
import { targetProblems } from '../../policy/routes/target.ts';
import { noteOrigin } from '../../registry/origins-seen.ts';
import { type Handshake, type HandshakeReading, readHandshake } from '../../ws/handshake.ts';
import { type HandshakeProblem, handshakeProblems } from '../../ws/handshake-problem.ts';
import type { RequestHead } from '../../ws/request-head.ts';
import { admitsHook } from '../hooks/handshake.ts';
import type { Call } from '../listen/call.ts';
import type { LiveRoute } from '../routing/route-table.ts';
import type { WorkerState } from '../worker-state.ts';
import { type Arrival, arrive, noteLeft, type RefusedOutcome, turnAway } from './arrival.ts';
import { authorize } from './authorizer.ts';
import { connect } from './connect.ts';
import type { EarlyBytes } from './early-bytes.ts';
import { decideHere, unadmittedSentence } from './local-admission.ts';
import type { Patience } from './patience.ts';
import { settleTarget } from './request-target.ts';

const outcomeOfProblem: Partial<Record<HandshakeProblem, RefusedOutcome>> = {
  version: 'wrong-version',
  'upgrade-other': 'other-protocol',
};

/**
 * Takes a request that asks for an upgrade from its arrival to an open tunnel or a refusal: cheap checks first, what
 * others have to be asked for last. null when it has ended here.
 */
export function upgrade(worker: WorkerState, call: Call, early: EarlyBytes): Promise<void> | null {
  const { request } = call;
  const written = request.url;
  const wrong = settleTarget(request);
  const arrival = arrive(worker, call, early);
  if (wrong !== null) {
    turnAway(worker, arrival, 'bad-handshake', targetProblems[wrong]);
    return null;
  }
  const settled = call.handshake !== null && request.url === written;
  const reading = settled ? { ok: true as const, handshake: call.handshake } : read(request);
  if (!reading.ok) {
    const { status, sentence, headers } = handshakeProblems[reading.problem];
    turnAway(worker, arrival, outcomeOfProblem[reading.problem] ?? 'bad-handshake', { status, sentence, headers });
    return null;
  }
  const route = worker.routes.find(reading.handshake.host, request.url ?? '');
  if (route === undefined) {
    turnAway(worker, arrival, 'no-route', { status: 404, sentence: 'no route matches this host and path' });
    return null;
  }
  arrival.route = route;
  if (!admitsHere(worker, arrival) || !admitsOrigin(worker, arrival, route, reading.handshake)) return null;
  return proceed(worker, arrival, route, reading.handshake);
}

/** The steps that wait for others, under the handshake's deadline. The desk is asked first. */
async function proceed(worker: WorkerState, arrival: Arrival, route: LiveRoute, handshake: Handshake): Promise<void> {
  const { patience } = arrival;
  const timer = setTimeout(loseInTime, route.spec.handshake.timeoutMs, patience);
  worker.patiences.add(patience);
  try {
    const reservation = { route: route.spec.name, clientAddress: arrival.client.address };
    const asked = worker.desk.reserve(reservation, 'handshake');
    // A desk in this process answers at once; waiting for it all the same would cost every handshake a turn.
    const decision = asked instanceof Promise ? await asked : asked;
    if (!decision.admitted) {
      turnAwayUnadmitted(worker, arrival, decision);
      return;
    }
    worker.pendingHandshakes++;
    const opened = await ask(worker, arrival, route, handshake);
    worker.pendingHandshakes--;
    if (!opened) worker.desk.release(reservation);
  } finally {
    clearTimeout(timer);
    worker.patiences.delete(patience);
  }
}

function loseInTime(patience: Patience): void {
  patience.lose('timeout');
}

/** True when a tunnel was opened; otherwise the client has its answer. */
function ask(worker: WorkerState, arrival: Arrival, route: LiveRoute, handshake: Handshake): Promise<boolean> | false {
  if (arrival.patience.lost === 'left') {
    noteLeft(worker, arrival);
    return false;
  }
  const { authorize: authorizer } = route.spec.handshake;
  if (authorizer === null && route.spec.hooks === null) return connect(worker, arrival, route, handshake);
  return askOthers(worker, arrival, route, handshake);
}

async function askOthers(
  worker: WorkerState,
  arrival: Arrival,
  route: LiveRoute,
  handshake: Handshake,
): Promise<boolean> {
  const { authorize: authorizer } = route.spec.handshake;
  if (authorizer !== null && !(await authorize(worker, arrival, authorizer))) return false;
  if (route.spec.hooks !== null && !(await admitsHook(worker, arrival, route, handshake))) return false;
  return connect(worker, arrival, route, handshake);
}

function read({ method = '', httpVersion, rawHeaders }: RequestHead): HandshakeReading {
  return readHandshake({ method, httpVersion, rawHeaders });
}

function admitsHere(worker: WorkerState, arrival: Arrival): boolean {
  const decision = decideHere(worker, arrival.route?.spec.name ?? '');
  if (!decision.admitted) turnAwayUnadmitted(worker, arrival, decision);
  return decision.admitted;
}

function admitsOrigin(worker: WorkerState, arrival: Arrival, route: LiveRoute, handshake: Handshake): boolean {
  const { origin } = handshake;
  const decision = decideOrigin(route.origins, origin === null ? [] : [origin]);
  noteOrigin(worker.originsSeen, route.spec.name, origin, decision.wouldRefuse);
  if (decision.allowed) return true;
  const sentence =
    origin === null
      ? 'a handshake without an Origin may not connect here'
      : 'pages of this origin may not connect here';
  turnAway(worker, arrival, 'origin-refused', { status: 403, sentence }, `${sentence} (${decision.reason})`);
  return false;
}

function turnAwayUnadmitted(
  worker: WorkerState,
  arrival: Arrival,
  decision: Extract<AdmissionDecision, { admitted: false }>,
): void {
  const { outcome, status, detail, retryAfterSeconds } = decision;
  const sentence = unadmittedSentence(status);
  turnAway(worker, arrival, outcome, { status, sentence, headers: ['Retry-After', String(retryAfterSeconds)] }, detail);
}
