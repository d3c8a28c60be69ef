import { deferred } from '../../base/deferred.ts';
import type { CommitOutcome, Greeting, Returned, TrialResult } from './protocol.ts';
import type { SuccessorProcess } from './successor-process.ts';

/** Whom the keeper tells about the supervisor that is to follow: the one in charge. */
export interface Incumbent {
  greeted(greeting: Greeting): void;
  tried(trial: TrialResult): void;
  final(): void;
  back(returned: Returned, control: unknown): void;
}

/** A supervisor in this process. */
export class LocalIncumbent implements Incumbent {
  readonly greeting = deferred<Greeting>();
  readonly trial = deferred<TrialResult>();
  readonly outcome = deferred<CommitOutcome>();

  greeted(greeting: Greeting): void {
    this.greeting.resolve(greeting);
  }

  tried(trial: TrialResult): void {
    this.greeting.reject(new Error(trial.ok ? 'it said nothing of itself' : trial.problem));
    this.trial.resolve(trial);
  }

  final(): void {
    this.outcome.resolve({ kind: 'final' });
  }

  back(returned: Returned, control: unknown): void {
    this.outcome.resolve({ kind: 'back', control, ...returned });
  }
}

/** One in a process of its own. */
export function incumbentIn(successor: SuccessorProcess): Incumbent {
  return {
    greeted: ({ speaks, version, reads }) => successor.tell({ kind: 'greeted', speaks, version, reads }),
    tried: (trial) => successor.tell({ kind: 'tried', trial }),
    final: () => successor.tell({ kind: 'dismissed' }),
    back: (returned, control) => successor.tell({ kind: 'back', ...returned }, control),
  };
}
