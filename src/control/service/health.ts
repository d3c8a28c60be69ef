import type { WorkerStatus } from '../workers/state.ts';

/** The supervisor ends what is silent for 10 s, or 30 s when all are; twice that, and it has not succeeded. */
const stuckAfterMs = 60_000;

/**
 * Whether the edge is worth keeping: null, or what is wrong with it. It is not when no worker answers, or when one
 * hangs that the supervisor cannot end. A worker that died and cannot be started again while others carry on is no
 * reason: a restart would end the others' connections, too, and start the same code.
 */
export function unfitness(workers: readonly WorkerStatus[], silent: readonly number[]): string | null {
  const stuck = workers.find(({ silentMs }) => silentMs >= stuckAfterMs);
  if (stuck !== undefined) return `worker ${stuck.pid} hangs and cannot be ended`;
  if (workers.every(({ pid }) => silent.includes(pid))) return 'no worker answers';
  return null;
}
