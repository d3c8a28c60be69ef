/** What people and programs see of the servers that Holdline starts itself. */
import type { ManagedSpec } from '../../plan/edge/plan.ts';

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

/** What a supervisor tells the next one of an instance. */
export interface KeptInstance {
  /** Id of the child; null while none runs. */
  readonly child: string | null;
  readonly index: number;
  readonly generation: number;
  readonly port: number;
  /** Where it is ready for clients; null while it is not. */
  readonly url: string | null;
  readonly restarts: number;
}

/** What one supervisor tells the next of a managed upstream. */
export interface KeptGroup {
  readonly upstream: string;
  readonly generation: number;
  readonly wanted: number;
  readonly started: ManagedSpec;
  readonly serving: readonly KeptInstance[];
  readonly leaving: readonly (KeptInstance & { readonly why: string })[];
  readonly restart: RestartState | null;
  readonly restarts: ManagedState['restarts'];
  readonly scalings: ManagedState['scalings'];
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
