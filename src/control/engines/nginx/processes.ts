/** The workers of a supervised nginx, as an edge shows its own. */
import os from 'node:os';
import type { ProcessFacts } from '../../../host/process-facts.ts';
import { masterWorkers } from '../../../nginx/run/engine/master.ts';
import { isOld } from '../../../nginx/run/live/master.ts';
import type { WorkerStatus } from '../../workers/state.ts';

interface WorkerLook {
  readonly atMs: number;
  readonly workers: readonly ProcessFacts[];
}

export interface WorkerWatch {
  /** Called each second: what a worker used is the difference of two looks. */
  look(): void;
  statuses(): WorkerStatus[];
}

/** `held`: process id of the worker of each connection. */
export function watchWorkers(options: {
  readonly master: () => number;
  readonly held: () => Iterable<{ readonly worker: number }>;
  readonly version: string;
  readonly nowMs: () => number;
}): WorkerWatch {
  const { master, held, version, nowMs } = options;
  const seen = (): WorkerLook => ({ atMs: nowMs(), workers: masterWorkers(master()) });
  let now = seen();
  let before: WorkerLook | null = null;
  return {
    look() {
      before = now;
      now = seen();
    },
    statuses() {
      const counts = new Map<number, number>();
      for (const { worker } of held()) counts.set(worker, (counts.get(worker) ?? 0) + 1);
      return workerStatuses(now, before, counts, version);
    },
  };
}

/** `held`: connections by process id. */
function workerStatuses(
  now: WorkerLook,
  before: WorkerLook | null,
  held: ReadonlyMap<number, number>,
  version: string,
): WorkerStatus[] {
  const bootMs = now.atMs - os.uptime() * 1000;
  return now.workers.map((facts) => {
    const earlier = before?.workers.find(({ pid }) => pid === facts.pid);
    const seconds = before === null ? 0 : (now.atMs - before.atMs) / 1000;
    const used = earlier === undefined || seconds <= 0 ? 0 : (facts.cpuSeconds - earlier.cpuSeconds) / seconds;
    return {
      pid: facts.pid,
      startedAtMs: Math.round(bootMs + facts.startedAtSeconds * 1000),
      connections: held.get(facts.pid) ?? 0,
      silentMs: 0,
      version: `nginx ${version}`,
      leaving: isOld(facts),
      stayed: {},
      memoryBytes: facts.memoryBytes,
      cpuShare: Math.max(0, used),
      // A worker of nginx does not tell.
      eventLoopDelayMaxMs: 0,
      eventLoopDelayP50Ms: 0,
      eventLoopDelayP99Ms: 0,
    };
  });
}
