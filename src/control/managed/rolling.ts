import type { ManagedInstance } from './instance.ts';

/** What a rolling restart does to the upstream that it is for. */
export interface RollingOptions {
  /** How many new ones; looked at when they start. */
  readonly count: number;
  readonly start: (index: number) => ManagedInstance;
  /** False when the upstream, or the edge, has gone meanwhile. */
  readonly goesOn: () => boolean;
  /** New clients go to the new ones from now on. Returns the old ones, in the order in which they are to be drained. */
  readonly swap: (fresh: readonly ManagedInstance[]) => readonly ManagedInstance[];
  /** Drains one of the old, and resolves when it has ended: `kept` when somebody cancelled its drain. */
  readonly retire: (old: ManagedInstance) => Promise<'ended' | 'kept'>;
  /** Ends one that has never served. */
  readonly discard: (instance: ManagedInstance) => void;
}

export interface RollingOutcome {
  /** Old ones that have ended. */
  readonly exchanged: number;
  /** What kept it from its end; null when nothing did. */
  readonly problem: string | null;
}

/** Interpreters that start together take the processors from those that serve. */
const startsAtOnceMax = 4;

/**
 * The new ones first, all of them; then nobody new comes to an old one, and those are drained one after the other. So
 * each client has to come back once, and never to an instance that is about to go, and what one drain sends away is all
 * that the new ones have to greet. When a new one does not come up, nothing has changed.
 */
export async function rollingExchange(options: RollingOptions): Promise<RollingOutcome> {
  const fresh: ManagedInstance[] = [];
  const giveUp = (problem: string): RollingOutcome => {
    for (const instance of fresh) options.discard(instance);
    return { exchanged: 0, problem };
  };
  while (fresh.length < options.count) {
    const some = Math.min(startsAtOnceMax, options.count - fresh.length);
    const starting = Array.from({ length: some }, (_, index) => options.start(fresh.length + index + 1));
    fresh.push(...starting);
    const results = await Promise.allSettled(starting.map((instance) => instance.firstStart));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined)
      // Its last words, on one line.
      return giveUp(
        failed.reason instanceof Error ? failed.reason.message.replaceAll('\n', ' | ') : 'it did not start',
      );
    if (!options.goesOn()) return giveUp('the upstream is gone');
  }
  if (fresh.some(({ url }) => url === null)) return giveUp('one that had come up ended again');
  let exchanged = 0;
  for (const old of options.swap(fresh)) {
    if ((await options.retire(old)) === 'kept') return { exchanged, problem: 'its drain was cancelled' };
    exchanged++;
  }
  return { exchanged, problem: null };
}
