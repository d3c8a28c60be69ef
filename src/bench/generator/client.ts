/** One client of the load: what stays the same while its connections come and go. */
import type { ClientConnection } from '../../client/connection/connection.ts';

export interface Client {
  readonly index: number;
  /** Null while it is away. */
  connection: ClientConnection | null;
  /** When the dial that is next or under way was due. */
  dialDueMs: number;
  /** Since its last connection ended. */
  refusals: number;
  /** When it lost its connection; null while it has one, and before the first. */
  lostMs: number | null;
  /** The storm that took its connection. */
  storm: number | null;
  /** Has been open at least once: its messages are due from then on, whether it is there or not. */
  known: boolean;
  /** A later phase does without it. */
  retired: boolean;
  /** The number of its next message in this phase. */
  sequence: number;
  /** Stands in the queue of what is due. */
  queued: boolean;
  /** The next number that is expected from each sender in this phase. */
  readonly next: number[];
  /** Requests without a reply yet, by their id; only in mode request. */
  readonly pending: Map<string, PendingRequest>;
  /** Messages that it has ever sent. */
  numbers: number;
}

export interface PendingRequest {
  readonly phase: number;
  readonly dueMs: number;
  readonly sentMs: number;
}

export function createClient(index: number): Client {
  return {
    index,
    connection: null,
    dialDueMs: 0,
    refusals: 0,
    lostMs: null,
    storm: null,
    known: false,
    retired: false,
    sequence: 0,
    queued: false,
    next: [],
    pending: new Map(),
    numbers: 0,
  };
}
