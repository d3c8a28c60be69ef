/**
 * How often nginx may be reloaded: each reload leaves a generation of workers, with its memory, until its last
 * connection ends.
 */

export interface ReloadBudget {
  /** Milliseconds since 1970, of the last hour's reloads at most; the oldest first. */
  readonly atMs: readonly number[];
}

const hourMs = 3_600_000;
export const noReloads: ReloadBudget = { atMs: [] };

export function afterReload({ atMs }: ReloadBudget, nowMs: number): ReloadBudget {
  return { atMs: [...atMs.filter((each) => each > nowMs - hourMs), nowMs] };
}

/** When the next reload may be: `nowMs`, or later when the last hour had `perHour` of them. */
export function nextReloadAtMs({ atMs }: ReloadBudget, perHour: number, nowMs: number): number {
  const recent = atMs.filter((each) => each > nowMs - hourMs);
  return recent.length < perHour ? nowMs : recent[recent.length - perHour]! + hourMs;
}

export function reloadsInTheHour({ atMs }: ReloadBudget, nowMs: number): number {
  return atMs.filter((each) => each > nowMs - hourMs).length;
}
