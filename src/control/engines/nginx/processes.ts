/** The workers of a supervised nginx, as an edge shows its own. */
import os from 'node:os';
import type { ProcessFacts } from '../../../host/process-facts.ts';
import { isOld } from '../../../nginx/run/live/master.ts';
import type { WorkerStatus } from '../../workers/state.ts';

export interface WorkerLook {
  readonly atMs: number;
  readonly workers: readonly ProcessFacts[];
}

/** `held`: connections by process id. */
export function workerStatuses(
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
