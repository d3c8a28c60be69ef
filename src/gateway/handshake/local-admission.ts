import { type AdmissionDecision, decideAdmission } from '../../policy/admission/admission.ts';
import type { WorkerState } from '../worker-state.ts';

/** What this worker can tell without asking anybody: the gate, its load, its own share of the plan. */
export function decideHere(worker: WorkerState, route: string): AdmissionDecision {
  return decideAdmission(
    {
      gateClosed: worker.gate.closed || worker.gate.routes.includes(route),
      gateSpreadSeconds: worker.gate.spreadSeconds,
      overload: worker.overload.state,
      workerConnections: worker.connections.size + worker.pendingHandshakes,
      edgeConnections: 0,
      routeConnections: 0,
      addressConnections: 0,
      edgeWaitMs: 0,
      addressWaitMs: 0,
    },
    {
      workerConnections: worker.plan.limits.connectionsPerWorker,
      edgeConnections: null,
      routeConnections: null,
      addressConnections: null,
    },
    worker.random(),
  );
}

/** What a client that was not admitted is told. */
export function unadmittedSentence(status: 429 | 503): string {
  return status === 429
    ? 'too many connections, handshakes or requests from this address'
    : 'no new connections are taken at the moment';
}
