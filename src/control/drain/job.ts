import type { DrainOrder, DrainRate } from '../../base/drain.ts';
import type { MoveReason, PlannedMove } from '../../base/move.ts';
import type { Pace, PaceProgress } from '../../policy/pacing/pace.ts';
import type { ConnectionFilter } from '../../registry/filter.ts';

/** Which connections: those that match, of one worker only where that is given. */
export interface DrainTarget {
  readonly filter: ConnectionFilter;
  /** Only these, where somebody has looked at a list of them; null for all that match. */
  readonly ids: readonly string[] | null;
  /** Process id. */
  readonly worker: number | null;
}

/** What is asked for; null leaves it to the routes of the connections. */
export interface DrainRequest {
  readonly target: DrainTarget;
  /** For people: `server http://10.0.0.1:9000`, `route chat`, `everything`. */
  readonly what: string;
  readonly rate: DrainRate | null;
  readonly order: DrainOrder | null;
  readonly code: number | null;
  readonly reason: string | null;
  /** What the registry and the log say of the closes. */
  readonly cause: 'drain' | 'kick' | 'server-lost';
  /**
   * Connections of routes that move get another server instead of being closed. Left out: when those of a server are
   * drained, which is what a move is for; whoever drains a route or a worker wants its clients to come anew.
   */
  readonly moves?: PlannedMove;
}

/** Why those connections move that can; null when all are closed. */
export function movesOf({ moves, cause, target }: DrainRequest): MoveReason | null {
  if (cause === 'server-lost') return cause;
  return moves ?? (cause === 'drain' && target.filter.server !== undefined ? 'drain' : null);
}

/** A drain as people and programs see it. */
export interface DrainRow extends PaceProgress {
  readonly id: string;
  readonly what: string;
  readonly cause: DrainRequest['cause'];
  readonly ratePerSecond: number;
  readonly order: DrainOrder;
  /** null: each route's own. */
  readonly code: number | null;
  readonly reason: string | null;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
}

/** One connection that waits for its turn. */
export interface DrainPlace {
  readonly id: string;
  readonly worker: number;
  readonly route: string;
  readonly openedAtMs: number;
  readonly idleMs: number;
}

/** What one supervisor tells the next of a drain. */
export interface KeptDrain {
  readonly id: string;
  readonly request: DrainRequest;
  readonly order: DrainOrder;
  /** By the clock of whoever wrote it. */
  readonly pace: Pace;
  readonly startedAtMs: number;
  readonly waiting: readonly DrainPlace[];
  readonly told: boolean;
}

export interface KeptDrains {
  readonly lastNumber: number;
  /** What the clock of the paces said then. */
  readonly monotonicMs: number;
  readonly jobs: readonly KeptDrain[];
}

/** Connections that wait for their turns since their server is lost: all of them move, or all are closed. */
export interface LostPlaces {
  /** URL. */
  readonly server: string;
  readonly moves: boolean;
  readonly places: readonly DrainPlace[];
}

export interface DrainJob {
  readonly id: string;
  readonly request: DrainRequest;
  readonly order: DrainOrder;
  readonly pace: Pace;
  readonly startedAtMs: number;
  /** In order; the first is next. */
  readonly waiting: DrainPlace[];
  /** Closes that have been asked for and not confirmed. */
  asked: number;
  readonly settled: { promise: Promise<DrainRow>; resolve: (row: DrainRow) => void };
  told: boolean;
}
