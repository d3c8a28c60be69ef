/**
 * What the supervisor and a worker say to each other: one closed union each way. Everything is plain data; the
 * listening sockets travel beside the `listener` messages.
 */

import type { Code } from '../../base/catalogue/catalogue.ts';
import type { MoveReason } from '../../base/move.ts';
import type { Certificate, CloseRequest, EdgeMessage, GateState, SendOutcome } from '../../gateway/contract.ts';
import type { Versions } from '../../gateway/handover/fields.ts';
import type { Purpose, Reservation } from '../../gateway/handshake/admission-desk.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { AdmissionDecision } from '../../policy/admission/admission.ts';
import type { ListedServer } from '../../policy/balance/server-state.ts';
import type { PassiveSign } from '../../policy/health/status.ts';
import type { CountField } from '../../registry/counts.ts';
import type { ConnectionFilter } from '../../registry/filter.ts';
import type { OriginsSeen } from '../../registry/origins-seen.ts';
import type { Page, PageRequest } from '../../registry/query.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import type { TapAnswer } from '../../registry/tap.ts';
import type { Totals } from '../../registry/totals.ts';
import type { Places, WindowRequest } from '../../registry/window.ts';
import type { GiveOutcome } from '../handover/giver.ts';
import type { GiveOrder, Parcel } from '../handover/parcel.ts';

export type ToWorker =
  /** Comes with the handle of the listener, one message for each listener, in order, before `start`. */
  | { readonly kind: 'listener'; readonly index: number }
  | {
      readonly kind: 'start';
      readonly plan: EdgePlan;
      readonly servers: ServerLists;
      readonly certificates: readonly (Certificate | null)[];
      readonly idPrefix: string;
      readonly stickyKey: string;
      readonly gate: GateState;
      /**
       * Whether somebody wants to hear of each connection that opens; those that end are always told, for the history.
       */
      readonly tellsOpens: boolean;
      readonly sockets: SocketsWay;
    }
  | { readonly kind: 'apply'; readonly plan: EdgePlan; readonly servers: ServerLists }
  | { readonly kind: 'certificates'; readonly certificates: readonly (Certificate | null)[] }
  | { readonly kind: 'set-servers'; readonly upstream: string; readonly servers: readonly ListedServer[] }
  | { readonly kind: 'peer-loads'; readonly connectionsByServer: Readonly<Record<string, number>> }
  | { readonly kind: 'gate'; readonly gate: GateState }
  | { readonly kind: 'desk'; readonly answers: readonly DeskAnswer[] }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | {
      readonly kind: 'close-all';
      readonly code: number;
      readonly reason: string;
      readonly graceMs: number;
    }
  /** Accepts nobody any more, and ends when its last connection has gone. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'give'; readonly order: GiveOrder }
  /** That worker is gone: what is under way to it or from it is over. */
  | { readonly kind: 'parcels-end'; readonly child: string }
  /** From another worker. */
  | Parcel;

export type ToSupervisor =
  | {
      readonly kind: 'ready';
      readonly addresses: readonly BoundAddress[];
      /** Of Holdline, as the worker was loaded from the disk. */
      readonly version: string;
      /** Versions of a connection's state that it reads. */
      readonly reads: Versions;
    }
  | { readonly kind: 'gave'; readonly job: string; readonly given: GiveOutcome }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string }
  /** What `packEvents` made of them. */
  | { readonly kind: 'packed-events'; readonly packed: string; readonly dropped: number }
  | { readonly kind: 'report'; readonly report: WorkerReport }
  | { readonly kind: 'desk'; readonly requests: readonly DeskRequest[] }
  | { readonly kind: 'server-lost'; readonly loss: WorkerLoss }
  /** Every connection is closed; the last report went before. */
  | { readonly kind: 'done' }
  /** The worker cannot start. `code` is null for what the catalogue does not know. */
  | { readonly kind: 'fatal'; readonly code: Code | null; readonly message: string; readonly help: string | null };

/**
 * What workers ask of the desk that counts for all of them; `count` is of what needs no decision, and of what has
 * ended.
 */
export type DeskRequest =
  | ({ readonly kind: 'reserve'; readonly id: number; readonly purpose: Purpose } & Reservation)
  | ({ readonly kind: 'count'; readonly places: number } & Reservation);

export type DeskAnswer = { readonly id: number; readonly decision: AdmissionDecision } & Reservation;

export interface BoundAddress {
  /** `localhost` for a Unix socket. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Of a Unix socket. */
  readonly socketPath?: string;
}

/** Servers by upstream, as the supervisor lists them. */
export type ServerLists = Readonly<Record<string, readonly ListedServer[]>>;

/** What a worker says of itself twice a second. */
export interface WorkerReport {
  readonly totals: Totals;
  /** Servers that the worker passes over, by URL. */
  readonly passive: Readonly<Record<string, PassiveSign>>;
  readonly health: WorkerHealth;
}

export interface WorkerHealth {
  /** Resident set of the process. */
  readonly memoryBytes: number;
  /** Delay of the event loop since the last report: what a frame waited at the worst, and usually. */
  readonly eventLoopDelayMaxMs: number;
  readonly eventLoopDelayP50Ms: number;
  readonly eventLoopDelayP99Ms: number;
  /** Of one core since the last report, 0 to 1 and a little above (threads of node's). */
  readonly cpuShare: number;
}

/** One connection by id, those of a list, or all that match. */
export type Target =
  | { readonly id: string }
  | { readonly ids: readonly string[] }
  | { readonly filter: ConnectionFilter };

/** Connections of a lost server that wait for their turns; either all of them move, or all are closed. */
export interface WorkerLoss {
  readonly server: string;
  readonly moves: boolean;
  readonly places: readonly WorkerPlace[];
}

/** One connection as a drain needs to know it. */
export interface WorkerPlace {
  readonly id: string;
  readonly route: string;
  readonly openedAtMs: number;
  readonly idleMs: number;
}

/** Each question with its answer. */
export interface Questions {
  query: { ask: { readonly filter: ConnectionFilter; readonly page: PageRequest }; answer: Page };
  /** The first places of this worker's connections in an order, and then the rows of those that are shown. */
  places: { ask: { readonly filter: ConnectionFilter; readonly request: WindowRequest }; answer: Places };
  rows: { ask: { readonly ids: readonly string[] }; answer: ConnectionRow[] };
  /** Connections that the supervisor has not been told of. */
  newcomers: { ask: { readonly limit: number }; answer: ConnectionRow[] };
  ids: { ask: { readonly filter: ConnectionFilter }; answer: string[] };
  tagNames: { ask: Record<never, never>; answer: string[] };
  get: { ask: { readonly id: string }; answer: ConnectionRow | null };
  counts: {
    ask: { readonly field: CountField; readonly filter: ConnectionFilter };
    answer: Record<string, number>;
  };
  /** What came on a connection since this viewer asked last; `leaves` ends its looking. */
  tap: {
    ask: { readonly id: string; readonly viewer: string; readonly leaves: boolean };
    answer: TapAnswer | null;
  };
  /** What this worker's connections hold of what is counted over all workers. */
  reservations: { ask: Record<never, never>; answer: readonly (Reservation & { readonly places: number })[] };
  origins: { ask: Record<never, never>; answer: OriginsSeen };
  close: { ask: { readonly target: Target; readonly request: CloseRequest }; answer: { readonly closed: number } };
  /** Who would be concerned by a drain; what is closing already is not. */
  'drain-places': { ask: { readonly filter: ConnectionFilter }; answer: readonly WorkerPlace[] };
  'drain-ids': {
    /** `moves`: `server-lost` gives each its turn, whatever it waits for. */
    ask: { readonly ids: readonly string[]; readonly request: CloseRequest; readonly moves: MoveReason | null };
    /** Moved ones included. */
    answer: { readonly closed: number };
  };
  send: {
    ask: { readonly target: Target; readonly message: EdgeMessage };
    answer: Partial<Record<SendOutcome, number>>;
  };
}

export type QuestionName = keyof Questions;
export type Question = { [Name in QuestionName]: { readonly name: Name } & Questions[Name]['ask'] }[QuestionName];
export type Answer<Name extends QuestionName> = Questions[Name]['answer'];
