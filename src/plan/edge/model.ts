import type { Spec } from '../../spec/model.ts';

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
  /** Of a request, its first line and its empty line included. */
  readonly headBytesMax: number;
  /** Resident memory of one worker. It admits nothing new above the high mark, and again below the low mark. */
  readonly memoryHighBytes: number;
  readonly memoryLowBytes: number;
  /** Open descriptors of one worker, with the same two marks. */
  readonly descriptorsHigh: number;
  readonly descriptorsLow: number;
}
