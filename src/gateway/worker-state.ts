import type { Cidr } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { MoveOutcome } from '../base/move.ts';
import { emptyRecord } from '../base/record.ts';
import type { EdgePlan } from '../plan/edge/model.ts';
import type { OriginsSeen } from '../registry/origins-seen.ts';
import type { ConnectionEnd, ConnectionRecord } from '../registry/record.ts';
import type { Registry } from '../registry/registry.ts';
import { type HandshakeOutcome, newRouteTotals, observe, type RouteTotals } from '../registry/totals.ts';
import type { GateState, GatewayEvent, HandshakeRefusal } from './contract.ts';
import type { FaultEnds } from './faults/faults.ts';
import type { AdmissionDesk } from './handshake/admission-desk.ts';
import type { Patience } from './handshake/patience.ts';
import type { MoveTurns } from './handshake/redial/turns.ts';
import type { WorkerHooks } from './hooks/hooks.ts';
import type { MessageStore } from './messages/store.ts';
import type { Turns } from './messages/turns.ts';
import type { OverloadWatch } from './overload-watch.ts';
import type { LiveRoutes } from './routing/route-table.ts';
import type { Upstreams } from './routing/upstream.ts';
import type { Connection } from './tunnel/connection.ts';
import type { ConnectionHost } from './tunnel/connection-options.ts';
import type { Wheel } from './tunnel/wheel.ts';

/** What all parts of one worker's gateway share. */
export interface WorkerState extends ConnectionHost {
  plan: EdgePlan;
  routes: LiveRoutes;
  trustedProxies: readonly Cidr[];
  gate: GateState;
  /**
   * What the values of sticky cookies are keyed with where the spec has no secret for them; the same in all workers of
   * an edge.
   */
  readonly stickyKey: string;
  /**
   * Handshakes and plain requests between admission and their end: with the open connections, what this worker holds.
   */
  pendingHandshakes: number;
  /** Of the handshakes that wait for somebody. */
  readonly patiences: Set<Patience>;
  readonly desk: AdmissionDesk;
  readonly overload: OverloadWatch;
  readonly originsSeen: OriginsSeen;
  readonly upstreams: Upstreams;
  readonly hooks: WorkerHooks;
  /** What message mode shares: turns on the event loop, and the bytes that it holds. */
  readonly messageTurns: Turns;
  readonly messageStore: MessageStore;
  readonly moveTurns: MoveTurns;
  readonly registry: Registry;
  readonly connections: Map<string, Connection>;
  readonly totals: RouteCounters;
  readonly wheel: Wheel;
  /** Sockets are used by their handles, not through Node's streams. */
  readonly usesHandles: boolean;
  /** The same for those of clients that come over TLS. */
  readonly usesTlsHandles: boolean;
  /**
   * Node is asked whose event threw, which it only knows in forms that it does not document. Otherwise a fault costs
   * the worker.
   */
  readonly findsOwners: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: (event: GatewayEvent) => void;
  nextId(): string;
}

/** Handshakes that no route matches are counted under this name, which no route can have. */
export const noRoute = '-';

/** The counters of one worker, by route. Routes that a reload removed keep theirs: counters never go back. */
export class RouteCounters {
  readonly byRoute = emptyRecord<RouteTotals>();
  readonly faults: Partial<Record<FaultEnds, number>> = {};

  of(route: string): RouteTotals {
    this.byRoute[route] ??= newRouteTotals();
    return this.byRoute[route];
  }

  upgraded(route: string, handshakeMs: number): void {
    const totals = this.of(route);
    add(totals.handshakes, 'upgraded');
    observe(totals.handshakeSeconds, handshakeMs / 1000);
    totals.open++;
  }

  refused(refusal: HandshakeRefusal): void {
    add(this.of(refusal.route ?? noRoute).handshakes, refusal.outcome);
  }

  moved(route: string, outcome: MoveOutcome): void {
    const { moves } = this.of(route);
    moves[outcome] = (moves[outcome] ?? 0) + 1;
  }

  fault(ends: FaultEnds): void {
    this.faults[ends] = (this.faults[ends] ?? 0) + 1;
  }

  ended(connection: ConnectionRecord, end: ConnectionEnd): void {
    const totals = this.of(connection.route);
    totals.open--;
    totals.closes[end.cause] = (totals.closes[end.cause] ?? 0) + 1;
    observe(totals.lifetimeSeconds, (end.closedAtMs - connection.openedAtMs) / 1000);
  }
}

function add(counts: Partial<Record<HandshakeOutcome, number>>, outcome: HandshakeOutcome): void {
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}
