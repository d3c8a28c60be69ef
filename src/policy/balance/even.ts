/**
 * How many connections go from which worker to which, so that all hold the same number, or one more. Moves as few as
 * that takes.
 */

export interface WorkerLoad {
  readonly worker: number;
  readonly connections: number;
}

export interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Below this difference nothing is gained that anybody would notice: connections come and go all the time. */
export const unevenShareMin = 0.02;

export function evenTransfers(loads: readonly WorkerLoad[]): Transfer[] {
  const total = loads.reduce((sum, { connections }) => sum + connections, 0);
  if (loads.length < 2 || total === 0) return [];
  const share = Math.floor(total / loads.length);
  let extra = total - share * loads.length;
  // Whoever holds most keeps one of those that are left over.
  const surplus = [...loads]
    .sort((a, b) => (a.connections === b.connections ? a.worker - b.worker : b.connections - a.connections))
    .map(({ worker, connections }) => ({ worker, over: connections - share - (extra-- > 0 ? 1 : 0) }));
  if (surplus[0]!.over <= share * unevenShareMin && surplus.at(-1)!.over >= -share * unevenShareMin) return [];
  return transfersOf(surplus);
}

/** All that `leaving` holds, shared out so that the others hold the same as far as that goes. */
export function leavingTransfers(leaving: WorkerLoad, others: readonly WorkerLoad[]): Transfer[] {
  const counts = new Map(others.map(({ worker, connections }) => [worker, connections]));
  const given = new Map<number, number>();
  const total = leaving.connections + others.reduce((sum, { connections }) => sum + connections, 0);
  const share = Math.ceil(total / Math.max(1, others.length));
  let left = leaving.connections;
  for (const [worker, connections] of counts) {
    const count = Math.min(left, Math.max(0, share - connections));
    if (count > 0) given.set(worker, count);
    left -= count;
  }
  return [...given].map(([to, count]) => ({ from: leaving.worker, to, count }));
}

function transfersOf(surplus: readonly { readonly worker: number; over: number }[]): Transfer[] {
  const transfers: Transfer[] = [];
  const givers = surplus.filter(({ over }) => over > 0);
  const takers = surplus.filter(({ over }) => over < 0);
  for (let giver = givers.shift(), taker = takers.shift(); giver !== undefined && taker !== undefined; ) {
    const count = Math.min(giver.over, -taker.over);
    transfers.push({ from: giver.worker, to: taker.worker, count });
    giver.over -= count;
    taker.over += count;
    if (giver.over === 0) giver = givers.shift();
    if (taker.over === 0) taker = takers.shift();
  }
  return transfers;
}
