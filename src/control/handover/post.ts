import type { ToWorker } from '../workers/messages.ts';
import type { GiveOutcome } from './giver.ts';
import type { GiveOrder, Parcel } from './parcel.ts';

/** What the post needs of a worker. */
export interface Correspondent {
  tell(message: ToWorker): void;
  pass(message: ToWorker, handle: unknown, sent: () => void): void;
}

/** Where the connections of one order go: so many to each. */
export interface Addressee {
  readonly to: Correspondent;
  /** How many it may still get; Infinity for any number. */
  quota: number;
}

export interface GiveRequest extends Omit<GiveOrder, 'job'> {
  readonly from: Correspondent;
  readonly destinations: readonly Addressee[];
}

/** The supervisor's side: passes parcels on between workers, and settles those of workers that die. */
export interface PostOffice {
  /** Resolves when the worker has given what it could, or is gone. */
  give(request: GiveRequest): Promise<GiveOutcome>;
  /** Ends the order that the worker is at. */
  stop(from: Correspondent): void;
  /** A parcel, or what became of one, from a worker. */
  pass(from: Correspondent, parcel: Parcel, handle: unknown): void;
  gave(job: number, given: GiveOutcome): void;
  /** The worker is gone. */
  forget(worker: Correspondent): void;
  /** Connections are on their way between workers, or were until a moment ago: what workers report does not add up. */
  readonly busy: boolean;
  /** Connections have gone from one worker to another: one may be elsewhere than it was. */
  readonly used: boolean;
  /** The workers are from another supervisor, which may have moved connections between them. */
  adopted(): void;
}

interface Job {
  readonly request: GiveRequest;
  readonly settle: (given: GiveOutcome) => void;
  moved: number;
}

interface UnderWay {
  readonly from: Correspondent;
  readonly to: Correspondent;
  readonly job: Job;
  /**
   * The client's socket alone is on its way, both are, the taker has both, or it has been told that they are its own.
   */
  state: 'half' | 'offered' | 'taken';
}

/** Two reports of a worker: then the counts of all of them are newer than the last parcel. */
const settledAfterMs = 1200;

/** `all`: who there is. */
export function postOffice(all: () => Iterable<Correspondent>): PostOffice {
  const jobs = new Map<number, Job>();
  const underWay = new Map<string, UnderWay>();
  const gone = new WeakSet<Correspondent>();
  let lastJob = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let used = false;

  function everyone(from: Correspondent, parcel: Parcel): void {
    for (const worker of all()) if (worker !== from) worker.tell(parcel);
  }

  function finish(id: number, given: GiveOutcome): void {
    const job = jobs.get(id);
    jobs.delete(id);
    job?.settle(given);
  }

  function destination({ destinations }: GiveRequest): Addressee | null {
    const open = destinations.filter(({ to, quota }) => quota > 0 && !gone.has(to));
    return open.reduce<Addressee | null>(
      (best, each) => (best === null || each.quota > best.quota ? each : best),
      null,
    );
  }

  function begin(from: Correspondent, parcel: Extract<Parcel, { kind: 'parcel-client' }>): UnderWay | null {
    const job = jobs.get(parcel.job);
    const chosen = job === undefined ? null : destination(job.request);
    if (job === undefined || chosen === null) return null;
    chosen.quota--;
    const entry: UnderWay = { from, to: chosen.to, job, state: 'half' };
    underWay.set(parcel.key, entry);
    return entry;
  }

  return {
    give(request) {
      const id = ++lastJob;
      return new Promise((settle) => {
        jobs.set(id, { request, settle, moved: 0 });
        const { count, version, waitMs, perSecond } = request;
        if (gone.has(request.from)) finish(id, { moved: 0, stayed: {}, problem: 'the worker is gone' });
        else request.from.tell({ kind: 'give', order: { job: id, count, version, waitMs, perSecond } });
      });
    },
    stop: (from) => from.tell({ kind: 'give-stop' }),
    gave: finish,
    pass(from, parcel, handle) {
      lastMs = performance.now();
      used = true;
      const { key } = parcel;
      const closeOurs = () => (handle as { close?: () => void } | undefined)?.close?.();
      const entry = parcel.kind === 'parcel-client' ? begin(from, parcel) : (underWay.get(key) ?? null);
      if (entry === null) {
        closeOurs();
        // One that was under way when another supervisor took over, or died: whoever has it knows its key.
        if (parcel.kind !== 'parcel-client' && parcel.kind !== 'parcel-server') everyone(from, parcel);
        // With the second half, so that the giver hears of it once.
        if (parcel.kind === 'parcel-server') from.tell({ kind: 'parcel-refused', key, problem: 'nobody takes more' });
        return;
      }
      switch (parcel.kind) {
        case 'parcel-client':
        case 'parcel-server':
          if (parcel.kind === 'parcel-server') entry.state = 'offered';
          entry.to.pass(parcel, handle, closeOurs);
          break;
        case 'parcel-taken':
          entry.state = 'taken';
          // A giver that has died held the connection still: it is the taker's now.
          if (gone.has(entry.from)) {
            entry.to.tell({ kind: 'parcel-yours', key, asked: { close: null, messages: [] } });
            underWay.delete(key);
          } else entry.from.tell(parcel);
          break;
        case 'parcel-refused':
        case 'parcel-back':
          underWay.delete(key);
          (parcel.kind === 'parcel-back' ? entry.to : entry.from).tell(parcel);
          break;
        case 'parcel-yours':
          underWay.delete(key);
          entry.job.moved++;
          entry.to.tell(parcel);
          break;
      }
    },
    forget(worker) {
      gone.add(worker);
      for (const [key, entry] of underWay) {
        if (entry.to === worker) {
          underWay.delete(key);
          entry.from.tell({ kind: 'parcel-refused', key, problem: 'the other worker is gone' });
        } else if (entry.from === worker && entry.state === 'taken') {
          underWay.delete(key);
          entry.to.tell({ kind: 'parcel-yours', key, asked: { close: null, messages: [] } });
        } else if (entry.from === worker && entry.state === 'half') {
          underWay.delete(key);
          entry.to.tell({ kind: 'parcel-back', key });
        }
      }
      for (const [id, job] of jobs)
        if (job.request.from === worker) finish(id, { moved: job.moved, stayed: {}, problem: 'the worker is gone' });
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
