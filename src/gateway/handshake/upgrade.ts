import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AdmissionDecision } from '../../policy/admission/admission.ts';
import { decideOrigin } from '../../policy/origins/origin.ts';
import { targetProblems } from '../../policy/routes/target.ts';
import { noteOrigin } from '../../registry/origins-seen.ts';
import { type Handshake, readHandshake } from '../../ws/handshake.ts';
import { type HandshakeProblem, handshakeProblems } from '../../ws/handshake-problem.ts';
import { admitsHook } from '../hooks/handshake.ts';
import type { LiveRoute } from '../route-table.ts';
import type { WorkerState } from '../worker-state.ts';
import { type Arrival, arrive, noteLeft, type RefusedOutcome, turnAway } from './arrival.ts';
import { authorize } from './authorizer.ts';
import { connect } from './connect.ts';
import { decideHere, unadmittedSentence } from './local-admission.ts';
import { settleTarget } from './request-target.ts';

const outcomeOfProblem: Partial<Record<HandshakeProblem, RefusedOutcome>> = {
  version: 'wrong-version',
  'upgrade-other': 'other-protocol',
};

/**
 * Takes a request that asks for an upgrade from its arrival to an open tunnel or a refusal: cheap checks first, what others
 * have to be asked for last. Never rejects.
 */
export async function upgrade(
  worker: WorkerState,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  const wrong = settleTarget(request);
  const arrival = arrive(worker, request, socket, head);
  if (wrong !== null) {
    turnAway(worker, arrival, 'bad-handshake', targetProblems[wrong]);
    return;
  }
  const { method = '', httpVersion, rawHeaders } = request;
  const reading = readHandshake({ method, httpVersion, rawHeaders });
  if (!reading.ok) {
    const { status, sentence, headers } = handshakeProblems[reading.problem];
    turnAway(worker, arrival, outcomeOfProblem[reading.problem] ?? 'bad-handshake', { status, sentence, headers });
    return;
  }
  const route = worker.routes.find(reading.handshake.host, request.url ?? '');
  if (route === undefined) {
    turnAway(worker, arrival, 'no-route', { status: 404, sentence: 'no route matches this host and path' });
    return;
  }
  arrival.route = route;
  if (!admitsHere(worker, arrival) || !admitsOrigin(worker, arrival, route, reading.handshake)) return;

  await within(worker, arrival, route, () => proceed(worker, arrival, route, reading.handshake));
}

/** The steps that wait for others, the desk first. */
async function proceed(worker: WorkerState, arrival: Arrival, route: LiveRoute, handshake: Handshake): Promise<void> {
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
}

/** True when a tunnel was opened; otherwise the client has its answer. */
async function ask(worker: WorkerState, arrival: Arrival, route: LiveRoute, handshake: Handshake): Promise<boolean> {
  if (arrival.patience.lost === 'left') {
    noteLeft(worker, arrival);
    return false;
  }
  if (route.spec.handshake.authorize !== null && !(await authorize(worker, arrival, route.spec.handshake.authorize)))
    return false;
  if (route.spec.hooks !== null && !(await admitsHook(worker, arrival, route, handshake))) return false;
  return connect(worker, arrival, route, handshake);
}

/**
 * A client has nothing to say before it is answered (RFC 6455, 4.1), but some send their first frames at once: they are kept up to
 * this, a socket's own read, and then the client is not read until there is a tunnel.
 */
const earlyBytesMax = 65_536;

/** Runs the steps under the handshake's deadline, and notices when the client leaves meanwhile: its FIN shows only to who reads. */
async function within(
  worker: WorkerState,
  arrival: Arrival,
  route: LiveRoute,
  steps: () => Promise<void>,
): Promise<void> {
  const { socket, patience } = arrival;
  const onLeft = () => patience.lose('left');
  const onEarlyBytes = (chunk: Buffer) => {
    arrival.head = arrival.head.length === 0 ? chunk : Buffer.concat([arrival.head, chunk]);
    if (arrival.head.length > earlyBytesMax) socket.pause();
  };
  const timer = setTimeout(() => patience.lose('timeout'), route.spec.handshake.timeoutMs);
  worker.patiences.add(patience);
  socket.on('data', onEarlyBytes);
  socket.on('end', onLeft);
  socket.on('close', onLeft);
  socket.on('error', onLeft);
  try {
    await steps();
  } finally {
    clearTimeout(timer);
    worker.patiences.delete(patience);
    socket.removeListener('data', onEarlyBytes);
    socket.removeListener('end', onLeft);
    socket.removeListener('close', onLeft);
    socket.removeListener('error', onLeft);
  }
}

function admitsHere(worker: WorkerState, arrival: Arrival): boolean {
  const decision = decideHere(worker);
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
