import type { ServerLoss } from '../../gateway/tunnel/losses.ts';
import type { ConnectionRecord } from '../../registry/record.ts';
import type { WorkerLoss, WorkerPlace } from './messages.ts';

export function drainPlaceOf(
  { id, route, openedAtMs, lastDataMs }: ConnectionRecord,
  monotonicMs: number,
): WorkerPlace {
  return { id, route, openedAtMs, idleMs: monotonicMs - lastDataMs };
}

/**
 * Those that move and those that are closed wait in two lines: a move costs the client a pause only, and need not keep
 * the pace of its route.
 */
export function workerLosses({ server, connections }: ServerLoss, monotonicMs: number): WorkerLoss[] {
  const losses = [true, false].map((moves) => ({
    server,
    moves,
    places: connections
      .filter((connection) => (connection.state === 'open') === moves)
      .map((connection) => drainPlaceOf(connection, monotonicMs)),
  }));
  return losses.filter(({ places }) => places.length > 0);
}
