import type { StayCounts } from '../../base/stay-cause.ts';
import type { WorkerHealth } from './messages.ts';
import type { WorkerProcess } from './process.ts';

export interface WorkerStatus extends WorkerHealth {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly connections: number;
  /** How long it has not reported; 0 while it does. */
  readonly silentMs: number;
  /** Of Holdline, as the worker was loaded from the disk. */
  readonly version: string;
  /** It takes no new connections, and ends when it holds none. */
  readonly leaving: boolean;
  /** Of one that leaves: the connections that could not be handed over yet, by what keeps them. */
  readonly stayed: Readonly<StayCounts>;
}

export function workerState(
  worker: WorkerProcess,
  { retiring, stayed }: { readonly retiring: boolean; readonly stayed: WorkerStatus['stayed'] },
): WorkerStatus {
  return {
    version: worker.loaded?.version ?? '',
    leaving: retiring,
    stayed,
    pid: worker.pid,
    startedAtMs: worker.startedAtMs,
    silentMs: worker.silentMs,
    connections: Object.values(worker.report?.totals.routes ?? {}).reduce((sum, route) => sum + route.open, 0),
    ...(worker.report?.health ?? noHealth),
  };
}

/** What the charts show of the workers: their memory together, and the one that is held up most. */
export function heaviest(workers: readonly WorkerStatus[]) {
  return {
    memoryBytes: workers.reduce((sum, worker) => sum + worker.memoryBytes, 0),
    loopDelayMs: workers.reduce((most, worker) => Math.max(most, worker.eventLoopDelayMaxMs), 0),
  };
}

/** Of a worker that has not reported yet. */
const noHealth: WorkerHealth = {
  memoryBytes: 0,
  eventLoopDelayMaxMs: 0,
  eventLoopDelayP50Ms: 0,
  eventLoopDelayP99Ms: 0,
  cpuShare: 0,
};
