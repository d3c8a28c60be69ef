/**
 * Whether a handshake is let in: one decision from one snapshot, before a server is chosen or asked. The caller counts
 * what it admits at once (connections of the edge, the route and the address, and one token of each rate), before it
 * waits for anything; then the caps hold exactly, whatever arrives together.
 */
import type { OverloadState } from './overload.ts';
import { type AdmissionRefusal, retryAfterSeconds } from './retry-after.ts';

export interface AdmissionSnapshot {
  readonly gateClosed: boolean;
  /** Over how long those that a closed gate turns away are spread, at least; 0 leaves it to the default. */
  readonly gateSpreadSeconds?: number;
  readonly overload: OverloadState;
  /** Open and under way, all of the edge that this worker knows of. */
  readonly edgeConnections: number;
  readonly workerConnections: number;
  readonly routeConnections: number;
  readonly addressConnections: number;
  /** Until the edge's rate, and the address's, has a handshake to give; 0: now. */
  readonly edgeWaitMs: number;
  readonly addressWaitMs: number;
}

/** null: no limit. */
export interface AdmissionLimits {
  readonly edgeConnections: number | null;
  readonly workerConnections: number | null;
  readonly routeConnections: number | null;
  readonly addressConnections: number | null;
}

export type AdmissionDecision =
  | { readonly admitted: true }
  | {
      readonly admitted: false;
      readonly outcome: AdmissionRefusal;
      /** 429 when this client did too much, 503 when the edge cannot (RFC 6585, 4; RFC 9110, 15.6.4). */
      readonly status: 429 | 503;
      readonly retryAfterSeconds: number;
      /** For the log: which of the limits it was. */
      readonly detail: string;
    };

/** `random` is 0 <= x < 1. */
export function decideAdmission(
  snapshot: AdmissionSnapshot,
  limits: AdmissionLimits,
  random: number,
): AdmissionDecision {
  for (const check of checks) {
    const waitMs = check.waitMs(snapshot, limits);
    if (waitMs === null) continue;
    const { outcome, status, detail } = check;
    const spread = outcome === 'gate-closed' ? (snapshot.gateSpreadSeconds ?? 0) : 0;
    const seconds = retryAfterSeconds(outcome, waitMs, random, spread);
    return { admitted: false, outcome, status, detail, retryAfterSeconds: seconds };
  }
  return { admitted: true };
}

interface Check {
  readonly outcome: AdmissionRefusal;
  readonly status: 429 | 503;
  readonly detail: string;
  /** null: passed; otherwise how long the reason lasts at least, 0 when that is not known. */
  readonly waitMs: (snapshot: AdmissionSnapshot, limits: AdmissionLimits) => number | null;
}

/**
 * In this order, the first that fails is the answer: what concerns everybody before what concerns one. The address
 * comes before the edge's rate, so that a client that is over its own limit is told so and is not mistaken for a rush.
 */
const checks: readonly Check[] = [
  {
    outcome: 'gate-closed',
    status: 503,
    detail: 'the gate is closed',
    waitMs: ({ gateClosed }) => (gateClosed ? 0 : null),
  },
  {
    outcome: 'overload',
    status: 503,
    detail: 'memory is above its mark',
    waitMs: ({ overload }) => (overload.memory ? 0 : null),
  },
  {
    outcome: 'overload',
    status: 503,
    detail: 'file descriptors are above their mark',
    waitMs: ({ overload }) => (overload.descriptors ? 0 : null),
  },
  {
    outcome: 'address-limit',
    status: 429,
    detail: 'the address has as many connections as the route allows',
    waitMs: (snapshot, limits) => full(snapshot.addressConnections, limits.addressConnections),
  },
  {
    outcome: 'rate-limit',
    status: 429,
    detail: 'the address makes more handshakes than the route allows',
    waitMs: ({ addressWaitMs }) => (addressWaitMs > 0 ? addressWaitMs : null),
  },
  {
    outcome: 'connection-limit',
    status: 503,
    detail: 'the route has as many connections as it allows',
    waitMs: (snapshot, limits) => full(snapshot.routeConnections, limits.routeConnections),
  },
  {
    outcome: 'connection-limit',
    status: 503,
    detail: 'the worker has as many connections as the plan allows',
    waitMs: (snapshot, limits) => full(snapshot.workerConnections, limits.workerConnections),
  },
  {
    outcome: 'connection-limit',
    status: 503,
    detail: 'the edge has as many connections as the plan allows',
    waitMs: (snapshot, limits) => full(snapshot.edgeConnections, limits.edgeConnections),
  },
  {
    outcome: 'rate-limit',
    status: 503,
    detail: 'the edge gets more handshakes than it allows',
    waitMs: ({ edgeWaitMs }) => (edgeWaitMs > 0 ? edgeWaitMs : null),
  },
];

function full(connections: number, max: number | null): number | null {
  return max !== null && connections >= max ? 0 : null;
}
