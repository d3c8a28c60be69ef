import type { Code } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic, Findings } from '../../base/diagnostic.ts';
import type { Spec } from '../../spec/model.ts';
import { planCapacity } from './capacity.ts';

/** Types of the spec that the edge is run by; the gateway knows them from here. */
export type {
  AuthorizeSpec,
  BalanceSpec,
  HashKeySpec,
  ListenSpec,
  ManagedSpec,
  OriginsSpec,
  RouteLimitsSpec,
  RouteSpec,
  ServerSpec,
  UpstreamSpec,
} from '../../spec/model.ts';
export { comparePlans, type PlanChanges, samePlan } from './comparison.ts';

/** What the plan needs to know of the machine; read by the caller, never here. */
export interface HostFacts {
  readonly cores: number;
  /** Memory that this process may use: the smaller of the machine's and the control group's. */
  readonly memoryBytes: number;
  /** RLIMIT_NOFILE, hard, of a worker. */
  readonly descriptors: number;
}

export interface Reason {
  /** The number's name, as in the plan: `workers`, `connectionsPerWorker` … */
  readonly name: string;
  readonly value: number | string;
  readonly because: string;
}

/** The spec with every number explicit, for the built-in edge. */
export interface EdgePlan extends Omit<Spec, 'workers' | 'limits'> {
  readonly workers: number;
  readonly limits: EdgePlanLimits;
  readonly reasons: readonly Reason[];
}

export interface EdgePlanLimits {
  /** Connections of the whole edge. */
  readonly connections: number;
  /** Never more in all workers together than `connections`. */
  readonly connectionsPerWorker: number;
  readonly handshakesPerSecond: number | null;
  /** Resident memory of one worker. It admits nothing new above the high mark, and again below the low mark. */
  readonly memoryHighBytes: number;
  readonly memoryLowBytes: number;
  /** Open descriptors of one worker, with the same two marks. */
  readonly descriptorsHigh: number;
  readonly descriptorsLow: number;
}

/**
 * Works out every number that the spec leaves to the host. Always gives a plan: when the spec asks for more than there
 * is, the plan is what there is, and a diagnostic says what to change.
 */
export function planEdge(spec: Spec, host: HostFacts): Findings<EdgePlan, Code> {
  const diagnostics: Diagnostic<Code>[] = [];
  const { workers, limits, reasons } = planCapacity(spec, host, diagnostics);
  return { value: { ...spec, workers, limits, reasons }, diagnostics };
}
