import type { DrainOrder } from '../../base/drain.ts';

export interface DrainCandidate {
  readonly openedAtMs: number;
  /** Since the last data frame. */
  readonly idleMs: number;
}

/** A list of its own, first to be closed first. `random` is 0 <= x < 1. */
export function inDrainOrder<Candidate extends DrainCandidate>(
  candidates: readonly Candidate[],
  order: DrainOrder,
  random: () => number,
): Candidate[] {
  const list = [...candidates];
  if (order === 'oldest') return list.sort((a, b) => a.openedAtMs - b.openedAtMs);
  if (order === 'idlest') return list.sort((a, b) => b.idleMs - a.idleMs);
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}
