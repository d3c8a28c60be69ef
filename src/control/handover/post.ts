import type { ToWorker } from '../workers/messages.ts';
import type { GiveOutcome } from './giver.ts';
import type { GiveOrder } from './parcel.ts';

/** What the post needs of a worker. */
export interface Correspondent {
  /** Its name among all children of the edge. */
  readonly child: string;
  tell(message: ToWorker): void;
}

export interface GiveRequest extends Omit<GiveOrder, 'job' | 'self' | 'takers'> {
  readonly from: Correspondent;
  /** Where they go: so many to each. */
  readonly destinations: readonly { readonly to: Correspondent; readonly quota: number }[];
}

/** The supervisor's side: has workers give connections to each other, which they do by themselves, and tells them of those that died. */
export interface PostOffice {
  /** Resolves when the worker has given what it could, or is gone. */
  give(request: GiveRequest): Promise<GiveOutcome>;
  gave(job: string, given: GiveOutcome): void;
  /** The worker is gone. */
  forget(worker: Correspondent): void;
  /** Connections are on their way between workers, or were until a moment ago: what workers report does not add up. */
  readonly busy: boolean;
  /** Connections have gone from one worker to another: one may be elsewhere than it was. */
  readonly used: boolean;
  /** The workers are from another supervisor, which may have moved connections between them. */
  adopted(): void;
}

/** Two reports of a worker: then the counts of all of them are newer than the last parcel. */
const settledAfterMs = 1200;

/** `all`: who there is. */
export function postOffice(all: () => Iterable<Correspondent>): PostOffice {
  const jobs = new Map<string, { readonly from: Correspondent; readonly settle: (given: GiveOutcome) => void }>();
  const gone = new WeakSet<Correspondent>();
  let lastJob = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let used = false;

  function finish(id: string, given: GiveOutcome): void {
    const job = jobs.get(id);
    if (job === undefined) return;
    jobs.delete(id);
    if (given.moved > 0) lastMs = performance.now();
    job.settle(given);
  }

  return {
    give({ from, destinations, ...order }) {
      // A supervisor before this one, in another process, may have had orders out, too.
      const job = `${process.pid}-${++lastJob}`;
      used = true;
      return new Promise((settle) => {
        jobs.set(job, { from, settle });
        if (gone.has(from)) {
          finish(job, giverGone);
          return;
        }
        const takers = destinations
          .filter(({ to }) => !gone.has(to))
          .map(({ to, quota }) => ({ child: to.child, quota }));
        from.tell({ kind: 'give', order: { ...order, job, self: from.child, takers } });
      });
    },
    gave: finish,
    forget(worker) {
      gone.add(worker);
      // Parcels of it may be under way since the supervisor before: everybody is told.
      if (used)
        for (const other of all()) if (other !== worker) other.tell({ kind: 'parcels-end', child: worker.child });
      for (const [id, { from }] of jobs) if (from === worker) finish(id, giverGone);
    },
    get used() {
      return used;
    },
    adopted() {
      used = true;
    },
    get busy() {
      return jobs.size > 0 || performance.now() - lastMs < settledAfterMs;
    },
  };
}

const giverGone: GiveOutcome = { moved: 0, stayed: {}, problem: 'the worker is gone' };
