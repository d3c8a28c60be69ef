import type { EdgePlan } from '../../plan/edge/model.ts';
import type { Totals } from '../../registry/totals.ts';
import type { DrainDesk } from '../drain/desk.ts';
import type { Gates } from '../gates.ts';
import type { HandedOver } from '../handover/evening.ts';
import type { Upgrade } from '../handover/upgrade.ts';
import type { Chronicle } from '../history/chronicle.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import type { InstanceState, ManagedState } from '../managed/state.ts';
import type { ServerDesk } from '../servers/desk.ts';
import type { RebalanceDesk } from '../servers/rebalance.ts';
import type { BoundAddress } from '../workers/messages.ts';
import type { WorkerQuestions } from '../workers/questions.ts';
import type { WorkerStatus } from '../workers/state.ts';

/**
 * Whatever carries the connections, as the control API, the page, the metrics and the commands see it: the built-in
 * edge or a supervised nginx. What an engine cannot do is refused with `engine-cannot`; docs/nginx-engine.md has the
 * table.
 */
export interface Engine extends WorkerQuestions {
  /** Where it listens, in the order of the plan. */
  readonly addresses: readonly BoundAddress[];
  readonly startedAtMs: number;
  plan(): EdgePlan;
  /** What happened: who ended and why, events, and the counts of the last hour. */
  readonly chronicle: Chronicle;
  /** Tells the log and the chronicle. */
  readonly note: EdgeEventSink;

  totals(): Totals;
  workers(): readonly WorkerStatus[];
  /** Process ids of workers that do not report or answer: what is asked of all workers is answered without them. */
  silentWorkers(): readonly number[];
  workerRestarts(): number;
  instances(): readonly InstanceState[];
  /** How many instances each managed upstream should have, and how its last rolling restart stands. */
  managed(): readonly ManagedState[];
  /**
   * Begins a rolling restart of a managed upstream, or has one follow that is under way. Throws `upstream-unknown`,
   * `upstream-not-managed`.
   */
  restart(upstream: string): ManagedState;

  /** Every server with its state and its live connections, and what can be done with them. */
  readonly servers: ServerDesk;
  /** Clients of servers that hold more than their share, to the others. */
  readonly rebalances: RebalanceDesk;
  /** Drains of whatever a filter names, and how far they are. */
  readonly drains: Pick<DrainDesk, 'start' | 'rows' | 'get' | 'cancel'>;
  readonly gates: Pick<Gates, 'state' | 'set'>;
  readonly upgrade: Pick<Upgrade, 'start' | 'state' | 'cancel'>;
  /** Evens out the connections between the workers; `perSecond`: null for as fast as it goes. */
  even(perSecond: number | null): Promise<HandedOver>;

  /**
   * Ends in order: nobody new, then the drain's deadline (`deadlineMs`; the plan's, when left out), then whoever is
   * left is closed. `graceMs`: how long the last closes are waited for. Idempotent.
   */
  close(options?: { readonly graceMs?: number; readonly deadlineMs?: number }): Promise<void>;
  /** Ends everything at once. */
  cut(): void;
}
