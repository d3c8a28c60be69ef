/**
 * What the keeper and a supervisor in a process of its own say to each other. The keeper is the process that was
 * started first: it has the pid that the system knows, the bound sockets and all child processes, and it stays what it
 * is while supervisors come and go. So these messages are few and plain, and they have a version.
 */
import type { Versions } from '../../gateway/handover/fields.ts';
import type { ChildExit, Children, ChildSpec } from '../processes/child.ts';
import type { KeptWorker } from '../workers/process.ts';

/** Of these messages. A supervisor that has none of them in common with the keeper is not started. */
export const keeperVersions: Versions = { oldest: 1, newest: 1 };

/** A worker as the keeper can name it to whoever takes over. */
export interface NotedWorker extends KeptWorker {
  readonly leaving: boolean;
}

/** What a supervisor that was just started says of itself. */
export interface Greeting {
  readonly speaks: Versions;
  /** Of Holdline. */
  readonly version: string;
  /** Versions of a supervisor's state that it reads. */
  readonly reads: Versions;
}

/** Written by one supervisor for another; the keeper only passes it on. */
export type WrittenSupervisor = Readonly<Record<string, unknown>>;

/** Rows of what has happened, which travel in pieces before the state does. */
export interface Past {
  readonly part: 'ended' | 'events' | 'known' | 'seconds';
  readonly rows: readonly unknown[];
}

/** How the trial of a new supervisor ended. */
export type TrialResult =
  | { readonly ok: true; readonly version: string; readonly reads: Versions }
  | { readonly ok: false; readonly version: string | null; readonly problem: string };

export type ToKeeper =
  | ({ readonly kind: 'greeting' } & Greeting)
  /** A new supervisor has tried itself and workers of its version. */
  | { readonly kind: 'verdict'; readonly problem: string | null }
  /** It has taken over. */
  | { readonly kind: 'took' }
  /** The one before it is not needed any more. */
  | { readonly kind: 'settled' }
  /** It gives the edge back to the one before. */
  | { readonly kind: 'return'; readonly why: string; readonly state: WrittenSupervisor }
  | { readonly kind: 'beat' }
  | { readonly kind: 'start'; readonly child: string; readonly spec: ChildSpec }
  /** `handle`: the name of a bound socket that goes with it. */
  | { readonly kind: 'send'; readonly child: string; readonly message: object; readonly handle: string | null }
  | { readonly kind: 'kill'; readonly child: string; readonly signal: NodeJS.Signals }
  | { readonly kind: 'note'; readonly child: string; readonly worker: NotedWorker }
  /** With what another supervisor would begin if this one died now. */
  | { readonly kind: 'keep'; readonly state: WrittenSupervisor }
  /** The edge has ended. */
  | { readonly kind: 'end'; readonly code: number }
  /** From the supervisor in charge, about the one that is to follow it. */
  | { readonly kind: 'begin' }
  | { readonly kind: 'draft'; readonly state: WrittenSupervisor; readonly probationMs: number }
  | ({ readonly kind: 'past' } & Past)
  | { readonly kind: 'commit'; readonly state: WrittenSupervisor }
  | { readonly kind: 'dismiss' };

export type FromKeeper =
  | { readonly kind: 'beat' }
  | { readonly kind: 'started'; readonly child: string; readonly pid: number }
  | { readonly kind: 'heard'; readonly child: string; readonly message: unknown }
  | { readonly kind: 'text'; readonly child: string; readonly stream: 1 | 2; readonly text: string | null }
  | { readonly kind: 'exit'; readonly child: string; readonly exit: ChildExit }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  /** To the one that is tried. */
  | { readonly kind: 'draft'; readonly state: WrittenSupervisor; readonly probationMs: number }
  | ({ readonly kind: 'past' } & Past)
  /** It takes over now. `children`: those that run, with their process ids. */
  | {
      readonly kind: 'state';
      readonly state: WrittenSupervisor;
      readonly children: Readonly<Record<string, number>>;
      /** The one before it died, and these are the workers; null where the state is a moment old. */
      readonly anew: { readonly why: string; readonly workers: readonly NotedWorker[] } | null;
    }
  /** To the one in charge, about the one that is tried. */
  | ({ readonly kind: 'greeted' } & Greeting)
  | { readonly kind: 'tried'; readonly trial: TrialResult }
  | ({ readonly kind: 'back' } & Returned)
  /** Nobody needs it any more. */
  | { readonly kind: 'dismissed' };

/** The edge comes back to the supervisor from before. */
export interface Returned {
  readonly why: string;
  /** What the other one left; null when it left nothing. */
  readonly state: WrittenSupervisor | null;
  /** The workers there are now; those that did not come up are gone. */
  readonly workers: readonly NotedWorker[];
  readonly children: Readonly<Record<string, number>>;
}

/** What the supervisor in charge needs of the keeper, whichever process that is. */
export interface Keeper {
  readonly children: Children;
  /** Starts the code on disk as a supervisor that has charge of nothing. Rejects with what keeps it from coming up. */
  begin(): Promise<Greeting>;
  /** Has it try itself, and workers of its version. */
  tryIt(draft: WrittenSupervisor, probationMs: number): Promise<TrialResult>;
  pass(past: Past): void;
  /**
   * Gives the edge to it. Resolves when that is final, or when the edge comes back. `control` is the handle of the
   * control address.
   */
  commit(state: WrittenSupervisor, control: unknown, sent: () => void): Promise<CommitOutcome>;
  /** Ends the one that was tried. */
  dismiss(): void;
  note(child: string, worker: NotedWorker): void;
  /** Null in the process that keeps: it has nobody to outlive it. */
  readonly successor: Successor | null;
}

export type CommitOutcome =
  | { readonly kind: 'final' }
  | ({ readonly kind: 'back'; readonly control: unknown } & Returned);

/** What a supervisor in a process of its own tells the keeper of itself. */
export interface Successor {
  took(): void;
  settled(): void;
  /** Gives the edge back. Resolves when the message has left. */
  giveBack(why: string, state: WrittenSupervisor, control: unknown): Promise<void>;
  keep(state: WrittenSupervisor): void;
  end(code: number): Promise<void>;
}
