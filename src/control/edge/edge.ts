import type { Diagnostic } from '../../base/diagnostic.ts';
import type { EdgeMessage, GateState, SendOutcome } from '../../gateway/contract.ts';
import type { SocketsWay } from '../../gateway/tunnel/sockets-way.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { CountField } from '../../registry/counts.ts';
import type { ConnectionFilter } from '../../registry/filter.ts';
import type { OriginsSeen } from '../../registry/origins-seen.ts';
import type { Page, PageRequest } from '../../registry/query.ts';
import type { ConnectionRow } from '../../registry/row.ts';
import type { Totals } from '../../registry/totals.ts';
import type { SpecInput } from '../../spec/read.ts';
import type { ApplyOutcome } from '../change/apply.ts';
import type { EdgeEvent } from '../log/notices.ts';
import type { InstanceState } from '../managed/state.ts';
import type { BoundAddress } from '../workers/messages.ts';
import type { WorkerStatus } from '../workers/state.ts';
import type { ServerSteering } from './steering.ts';

export interface EdgeOptions {
  /**
   * What relative paths in the spec (certificates, hooks, commands) are relative to. Default: the working directory.
   */
  readonly directory?: string;
  /**
   * Environment of the servers that the spec lets Holdline start; give this process's own for the usual case. Default:
   * empty.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * True serves the control API, with metrics, on the spec's `control` address. Default: false, the handle does all it
   * does.
   */
  readonly controlApi?: boolean;
  /** Aborting it ends everything at once: while the edge starts, then the start rejects, or later. */
  readonly signal?: AbortSignal;
  /**
   * `public` keeps to what Node documents of its sockets. Default: `direct` where this Node can, which is tried at the
   * start.
   */
  readonly sockets?: SocketsWay;
}

/** Which connections: one by its id, or all that match a filter; `{}` matches all. */
export type Which = string | ConnectionFilter;

/**
 * A running edge. Whatever asks the workers rejects with `worker-busy`, `worker-silent` or `worker-gone` when one does
 * not answer.
 */
export interface Edge extends ServerSteering {
  /** Where it listens, in the order of the spec; a port of 0 is filled in. */
  readonly addresses: readonly BoundAddress[];
  /** Where the control API answers; null without one. */
  readonly controlUrl: string | null;
  /** What was found in the spec at the start: warnings and hints. */
  readonly diagnostics: readonly Diagnostic[];
  /** The spec with every number explicit, each with its reason. */
  plan(): EdgePlan;

  /** One page of the live connections, oldest first. Default: all of them, 100 rows to a page (1000 at most). */
  query(filter?: ConnectionFilter, page?: Partial<PageRequest>): Promise<Page>;
  /** null when no live connection has this id. */
  connection(id: string): Promise<ConnectionRow | null>;
  /** Live connections by the values of a field (`route`, `server`, `tag:NAME` …), largest count first. */
  counts(field: CountField, filter?: ConnectionFilter): Promise<Record<string, number>>;
  originsSeen(): Promise<OriginsSeen>;
  /**
   * Begins a close on each, with a close frame both ways. Default: 1008 without a reason. Resolves with how many were
   * begun.
   */
  closeConnections(which: Which, how?: { readonly code?: number; readonly reason?: string }): Promise<number>;
  /**
   * Sends one message of the edge's own to each, between messages of the application. Resolves with counts by outcome.
   */
  send(which: Which, message: EdgeMessage): Promise<Partial<Record<SendOutcome, number>>>;

  /** Counters since the start; reported by the workers twice a second. */
  totals(): Totals;
  workers(): readonly WorkerStatus[];
  /** Servers that Holdline starts itself. */
  instances(): readonly InstanceState[];
  gates(): GateState;
  /**
   * A closed gate, of the edge or of one route, refuses new handshakes with 503; open connections stay. Throws
   * `route-unknown`.
   */
  setGate(closed: boolean, where?: { readonly route?: string }): GateState;
  /**
   * Takes over a changed spec without dropping connections that the change does not concern, or says why it cannot;
   * then nothing has changed. Rejects with `certificate-unreadable` and `certificate-unusable`.
   */
  apply(spec: SpecInput): Promise<ApplyOutcome>;

  /**
   * Calls `listener` for every event of that kind from now on; the function that comes back ends it. It must not throw.
   */
  on<Kind extends EdgeEvent['kind']>(
    kind: Kind,
    listener: (event: Extract<EdgeEvent, { readonly kind: Kind }>) => void,
  ): () => void;

  /**
   * Closes the gate, drains at the routes' pace for `deadlineMs` (default: the spec's), sends 1001 to whoever is left,
   * and ends workers and servers. `graceMs`: how long the last closes are waited for; default 5000. Idempotent.
   */
  close(how?: { readonly graceMs?: number; readonly deadlineMs?: number }): Promise<void>;
  /** Ends everything at once. */
  cut(): void;
}
