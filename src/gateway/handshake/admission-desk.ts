import type { Clock } from '../../base/clock.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import {
  type AddressTable,
  addConnection,
  addressWaitMs,
  connectionsOf,
  newAddressTable,
  removeConnection,
  takeHandshake,
} from '../../policy/admission/address-table.ts';
import { type AdmissionDecision, decideAdmission } from '../../policy/admission/admission.ts';
import { notOverloaded } from '../../policy/admission/overload.ts';
import { type BucketRate, newBucket, type TokenBucket, take, waitMs } from '../../policy/admission/token-bucket.ts';

export interface Reservation {
  readonly route: string;
  readonly clientAddress: string;
}

/**
 * A plain request takes a place for as long as it is under way, beside the connections; its rate may be one of its own.
 */
export type Purpose = 'handshake' | 'request';

/**
 * Counts what may connect. One desk serves one edge: where several workers share the edge, they ask the supervisor's,
 * so that a cap holds exactly whichever worker a client lands on.
 */
export interface AdmissionDesk {
  /** Decides, and counts what it admits before anybody else is asked. */
  reserve(reservation: Reservation, purpose: Purpose): AdmissionDecision | Promise<AdmissionDecision>;
  /** Counts what needs no decision: a connection that another worker had. */
  note(reservation: Reservation): void;
  /** Call once for every admitted reservation: when its handshake failed, or its connection or its request ended. */
  release(reservation: Reservation): void;
  apply(plan: EdgePlan): void;
}

/** Does anything of this plan have to be counted over all workers for this route? */
export function needsDesk(plan: EdgePlan, route: RouteSpec): boolean {
  const { limits, handshake, http } = route;
  const ofRoute =
    limits.connections !== null ||
    limits.connectionsPerAddress !== null ||
    handshake.ratePerSecond !== null ||
    (http !== null && http.rate !== null && http.rate !== 'shared');
  const ofEdge =
    plan.limits.handshakesPerSecond !== null ||
    plan.limits.connections < plan.workers * plan.limits.connectionsPerWorker;
  return ofRoute || ofEdge;
}

/** A second's worth of handshakes at once: a page of a few tabs, or a reconnecting crowd's first wave. */
const edgeBurstSeconds = 1;

interface RouteCounts {
  readonly table: AddressTable;
  /** Of plain requests, where they have a rate of their own. */
  readonly requests: AddressTable;
  connections: number;
}

export class LocalDesk implements AdmissionDesk {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #counts = new Map<string, RouteCounts>();
  #plan: EdgePlan;
  #routes: ReadonlyMap<string, RouteSpec>;
  #connections = 0;
  #edgeBucket: TokenBucket | null = null;

  constructor(options: { plan: EdgePlan; clock: Clock; random: () => number }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#plan = options.plan;
    this.#routes = routesByName(options.plan);
  }

  apply(plan: EdgePlan): void {
    if (plan.limits.handshakesPerSecond !== this.#plan.limits.handshakesPerSecond) this.#edgeBucket = null;
    this.#plan = plan;
    this.#routes = routesByName(plan);
  }

  reserve(reservation: Reservation, purpose: Purpose): AdmissionDecision {
    const { route: name, clientAddress } = reservation;
    const nowMs = this.#clock.monotonicMs();
    const route = this.#routes.get(name);
    const counts = this.#countsOf(name);
    const { rate, own } = rateFor(route, purpose);
    const rates = own ? counts.requests : counts.table;
    // The edge's rate is there for storms of reconnecting clients, and whoever loads pages must not use it up.
    const edgeRate = purpose === 'handshake' ? this.#edgeRate() : null;
    const decision = decideAdmission(
      {
        gateClosed: false,
        overload: notOverloaded,
        edgeConnections: this.#connections,
        workerConnections: 0,
        routeConnections: counts.connections,
        addressConnections: connectionsOf(counts.table, clientAddress),
        edgeWaitMs: edgeRate === null ? 0 : waitMs(this.#bucket(edgeRate, nowMs), edgeRate, nowMs),
        addressWaitMs: rate === null ? 0 : addressWaitMs(rates, clientAddress, rate, nowMs),
      },
      {
        edgeConnections: this.#plan.limits.connections,
        workerConnections: null,
        routeConnections: route?.limits.connections ?? null,
        addressConnections: route?.limits.connectionsPerAddress ?? null,
      },
      this.#random(),
    );
    if (!decision.admitted) return decision;
    if (rate !== null) takeHandshake(rates, clientAddress, rate, nowMs);
    if (edgeRate !== null) take(this.#bucket(edgeRate, nowMs), edgeRate, nowMs);
    this.note(reservation);
    return decision;
  }

  /** Counts a connection that needed no decision. */
  note(reservation: Reservation): void {
    const counts = this.#countsOf(reservation.route);
    this.#connections++;
    counts.connections++;
    addConnection(counts.table, reservation.clientAddress);
  }

  release(reservation: Reservation): void {
    const counts = this.#counts.get(reservation.route);
    if (counts === undefined) return;
    this.#connections--;
    counts.connections--;
    const rate = rateOf(this.#routes.get(reservation.route));
    removeConnection(counts.table, reservation.clientAddress, rate, this.#clock.monotonicMs());
  }

  #countsOf(route: string): RouteCounts {
    let counts = this.#counts.get(route);
    if (counts === undefined) {
      counts = { table: newAddressTable(), requests: newAddressTable(), connections: 0 };
      this.#counts.set(route, counts);
    }
    return counts;
  }

  #edgeRate(): BucketRate | null {
    const perSecond = this.#plan.limits.handshakesPerSecond;
    return perSecond === null ? null : { perSecond, burst: Math.ceil(perSecond * edgeBurstSeconds) };
  }

  #bucket(rate: BucketRate, nowMs: number): TokenBucket {
    this.#edgeBucket ??= newBucket(rate, nowMs);
    return this.#edgeBucket;
  }
}

function routesByName(plan: EdgePlan): ReadonlyMap<string, RouteSpec> {
  return new Map(plan.routes.map((route) => [route.name, route]));
}

/** Which rate counts, and whether it is one of its own. */
function rateFor(
  route: RouteSpec | undefined,
  purpose: Purpose,
): { readonly rate: BucketRate | null; readonly own: boolean } {
  const http = route?.http?.rate ?? null;
  if (purpose === 'handshake' || http === 'shared') return { rate: rateOf(route), own: false };
  return { rate: http, own: true };
}

function rateOf(route: RouteSpec | undefined): BucketRate | null {
  const perSecond = route?.handshake.ratePerSecond ?? null;
  return perSecond === null ? null : { perSecond, burst: route!.handshake.burst };
}
