/** What people and programs see of the servers that Holdline starts itself. */

export const instanceStates = ['starting', 'running', 'leaving'] as const;

export interface InstanceState {
  readonly upstream: string;
  readonly instance: number;
  /** 1 at first, and one more with each rolling restart. */
  readonly generation: number;
  readonly pid: number | null;
  readonly url: string | null;
  /** How often it ended by itself and was started again. */
  readonly restarts: number;
  readonly state: (typeof instanceStates)[number];
  /** What it waits for, or why it leaves; empty for one that simply runs. */
  readonly reason: string;
}

export const restartStages = ['starting', 'draining', 'done', 'failed'] as const;

/** The last rolling restart of an upstream. */
export interface RestartState {
  /** Of the new instances. */
  readonly generation: number;
  readonly why: string;
  readonly stage: (typeof restartStages)[number];
  /** New instances, and old ones that have ended. */
  readonly instances: number;
  readonly exchanged: number;
  /** Why it failed; null otherwise. */
  readonly problem: string | null;
  /** Another one was asked for, and follows. */
  readonly again: boolean;
}

export interface ManagedState {
  readonly upstream: string;
  /** Instances that there should be. */
  readonly wanted: number;
  readonly restart: RestartState | null;
  /** Since the edge started. */
  readonly restarts: { readonly done: number; readonly failed: number };
  readonly scalings: { readonly up: number; readonly down: number };
}
