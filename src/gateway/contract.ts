import type { Clock } from '../base/clock.ts';
import type { CloseCause, CloseParty } from '../base/close-cause.ts';
import type { PlannedMove } from '../base/move.ts';
import type { StayCause } from '../base/stay-cause.ts';
import type { EdgePlan } from '../plan/edge/model.ts';
import type { OverloadFacts } from '../policy/admission/overload.ts';
import type { ListedServer } from '../policy/balance/server-state.ts';
import type { PassiveSign } from '../policy/health/status.ts';
import type { OriginsSeen } from '../registry/origins-seen.ts';
import type { ConnectionEnd, ConnectionRecord } from '../registry/record.ts';
import type { Registry } from '../registry/registry.ts';
import type { TapAnswer } from '../registry/tap.ts';
import type { HandshakeOutcome, Totals } from '../registry/totals.ts';
import type { FaultEnds } from './faults/faults.ts';
import type { AdmissionDesk } from './handshake/admission-desk.ts';
import type { HookFailure } from './hooks/calls.ts';
import type { HookName } from './hooks/results.ts';
import type { ServerLoss } from './tunnel/losses.ts';
import type { MoveFailure, MoveTold } from './tunnel/moving/movable.ts';
import type { SocketsWay } from './tunnel/sockets-way.ts';

/** The gateway's whole surface: one worker's data plane. It knows nothing of processes, the control API or the disk. */
export interface Gateway {
  /** Where it really listens, in the order of the plan (a port of 0 is filled in). */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly registry: Registry;

  /**
   * Takes over a new plan. Listeners stay; new handshakes see the new routes at once; live connections keep their
   * server.
   */
  apply(plan: EdgePlan): void;
  /**
   * New certificates for the listeners that have one, for TLS handshakes from now on. Throws OpenSSL's error for an
   * unusable one.
   */
  setCertificates(certificates: readonly (Certificate | null)[]): void;
  /** Replaces the servers of one upstream. Live connections are not touched, and counts survive. */
  setServers(upstream: string, servers: readonly ListedServer[]): void;
  /** Connections that the other workers hold, by server URL, so that least-connections sees the whole edge. */
  setPeerLoads(connectionsByServer: Readonly<Record<string, number>>): void;
  /** A closed gate refuses new handshakes with 503; open connections stay. */
  setGate(gate: GateState): void;

  /** Starts the close of one connection; false when the id is not here. The close frame goes to both sides. */
  closeConnection(id: string, request: CloseRequest): boolean;
  /**
   * The same as soon as no message is half carried, in either direction; a message that takes too long is not waited
   * for.
   */
  drainConnection(id: string, request: CloseRequest): boolean;
  /**
   * Gives it another server; where its route does not move, or a drain finds no other server, it is closed as by
   * `drainConnection`.
   */
  moveConnection(id: string, reason: PlannedMove, close: CloseRequest): boolean;
  /**
   * The server of this connection is lost, and its turn has come: it is closed, or gets another server. False when it
   * did not wait for that.
   */
  takeTurn(id: string): boolean;
  /** Sends one message of the edge's own, between messages. */
  send(id: string, message: EdgeMessage): SendOutcome;

  /**
   * What came on a connection since this viewer asked last, by headers; the first time it begins to look, and five
   * seconds without asking end that. null when the id is not here.
   */
  tap(id: string, viewer: string): TapAnswer | null;
  untap(id: string, viewer: string): void;

  /**
   * Freezes one connection for another worker that reads this version of the state; says why not where that cannot be
   * done now.
   */
  depart(id: string, version: number): Departure | StayCause;
  /** Reads no more of whoever writes to a reader that is behind, so that what waits for it leaves; or reads on. */
  calm(id: string, on: boolean): void;
  /** Accepts nobody any more; who is here stays. */
  stopAccepting(): void;
  /** Nobody is connected or about to be. */
  readonly empty: boolean;
  /** Takes over a connection that another worker has frozen. */
  receive(state: unknown, handles: { readonly client: unknown; readonly server: unknown }): ReceivedOutcome;

  /** Takes what was thrown and reached nobody: cuts the one socket it belongs to. False: it is unknown whose it was. */
  takeFault(thrown: unknown): boolean;
  totals(): Totals;
  /** Servers that this worker passes over, by URL, with the reason. */
  passiveSigns(): Record<string, PassiveSign>;
  originsSeen(): OriginsSeen;
  /**
   * Stops listening, closes every connection with a close frame, waits for the closes up to `graceMs`, then cuts.
   * Idempotent.
   */
  close(request: CloseAllRequest): Promise<void>;
}

/** A connection that stands still, ready for another worker. It is this worker's until `release`. */
export interface Departure {
  readonly id: string;
  /** `ConnectionState` as the version that was asked for writes it. */
  readonly state: Readonly<Record<string, unknown>>;
  /** For `process.send`. */
  readonly client: object;
  readonly server: object;
  /** Nobody takes it: it goes on here. */
  stay(): void;
  /** It is another worker's now, which has not begun with it yet. Returns what was asked of it while it stood still. */
  release(): Asked;
}

/** A connection of another worker that stands ready here. Nothing is read of it until `begin`. */
export interface ReceivedConnection {
  readonly id: string;
  /** The other worker has let go of it. */
  begin(asked: Asked): void;
  /** The other worker keeps it: lets go of the sockets without a word to anybody. */
  drop(): void;
}

export type ReceivedOutcome = ReceivedConnection | { readonly problem: string };

/** What was asked of a connection while it stood still for a hand-over. */
export interface Asked {
  close: CloseRequest | null;
  readonly messages: EdgeMessage[];
}

export interface CloseAllRequest {
  readonly code: number;
  readonly reason: string;
  /** How long the closes may take; then what is left is cut. */
  readonly graceMs: number;
  readonly cause: 'shutdown' | 'fault';
}

export interface GateState {
  /** For every route. */
  readonly closed: boolean;
  /** Names of the routes for which it is closed besides. */
  readonly routes: readonly string[];
  /** Over how long those that are turned away are spread, at least. */
  readonly spreadSeconds: number;
}

export const openGate: GateState = { closed: false, routes: [], spreadSeconds: 0 };

export interface CloseRequest {
  readonly code: number;
  readonly reason: string;
  readonly cause: CloseCause;
  readonly by: CloseParty;
}

export interface EdgeMessage {
  readonly to: 'client' | 'server';
  readonly data: string | Uint8Array;
}

/** `queued` waits for the end of the message that is passing now; `full` means its buffer has no room. */
export type SendOutcome = 'sent' | 'queued' | 'full' | 'closing' | 'unknown';

export interface GatewayOptions {
  readonly plan: EdgePlan;
  /** Beginning of every connection id; unique for each worker process. */
  readonly idPrefix: string;
  /** One for each listener of the plan: a handle that another process bound, or null to bind the plan's address. */
  readonly handles: readonly unknown[];
  /** One for each listener of the plan: PEM texts, or null for plain text. */
  readonly certificates: readonly (Certificate | null)[];
  readonly clock: Clock;
  /** 0 <= x < 1. */
  readonly random: () => number;
  readonly onEvent: (event: GatewayEvent) => void;
  /**
   * Where connections and rates are counted; without one, the gateway counts for itself, as the only worker of the
   * edge.
   */
  readonly desk?: AdmissionDesk;
  /** Key of the sticky cookies, the same for all workers of an edge; without it, one is made. */
  readonly stickyKey?: string;
  /** What this worker uses; without it, the process is asked. */
  readonly measure?: () => OverloadFacts;
  /**
   * Clients of a lost server wait for `takeTurn`, which whoever is told of it has to call in time; without one, they
   * all go on at once.
   */
  readonly onServerLost?: (loss: ServerLoss) => void;
  /** How sockets are used. Default: `direct`; `tryHandles` and `tryTls` say whether this Node can. */
  readonly sockets?: SocketsWay;
}

/** What a listener speaks TLS with; PEM texts. */
export interface Certificate extends KeyPair {
  /** For other names, by SNI, or of another kind of key for the same. */
  readonly others?: readonly KeyPair[];
  /** Who signs clients' certificates, and whether one is needed. */
  readonly clients?: { readonly ca: string; readonly required: boolean } | null;
  /** 48 bytes that all workers share, so that each resumes what another began; without them each makes its own. */
  readonly ticketKeys?: Uint8Array;
}

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What happens, as it happens: for the log and for whoever counts. Handlers must not throw and must not block. */
export type GatewayEvent =
  | { readonly kind: 'opened'; readonly record: ConnectionRecord }
  | { readonly kind: 'closed'; readonly record: ConnectionRecord; readonly end: ConnectionEnd }
  | { readonly kind: 'refused'; readonly refusal: HandshakeRefusal }
  /** Something was thrown that nobody caught. `ends`: what it cost. */
  | { readonly kind: 'fault'; readonly ends: FaultEnds; readonly message: string; readonly stack: string | null }
  | ({ readonly kind: 'moved'; readonly route: string; readonly id: string; readonly server: string } & MoveTold)
  | ({ readonly kind: 'move-failed'; readonly route: string; readonly id: string } & MoveFailure)
  | { readonly kind: 'server-unreachable'; readonly server: string; readonly detail: string }
  /** Once a minute at most for each hook and way of failing; `suppressed` were left out since the last of them. */
  | {
      readonly kind: 'hook-failed';
      /** `module` for what happened outside of any call. */
      readonly hook: HookName | 'module';
      readonly failed: HookFailure['kind'];
      readonly route: string | null;
      readonly message: string;
      readonly stack: string | null;
      readonly suppressed: number;
    }
  /** After a reload: new calls go to the hooks module as it is on the disk now. */
  | { readonly kind: 'hooks-loaded'; readonly file: string }
  /** The hooks module cannot be loaded as it is on the disk now, and the one from before goes on. */
  | { readonly kind: 'hooks-kept'; readonly message: string };

export interface HandshakeRefusal {
  readonly outcome: Exclude<HandshakeOutcome, 'upgraded'>;
  /** The HTTP status that the client got; null when the socket was gone. */
  readonly status: number | null;
  readonly route: string | null;
  readonly clientAddress: string;
  readonly host: string;
  readonly path: string;
  readonly origin: string | null;
  readonly detail: string;
}
