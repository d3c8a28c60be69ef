/**
 * How long to wait before starting again what died. Something that ran for a while starts again at once; something
 * that keeps dying within seconds of its start is given longer and longer pauses, so that it cannot take the machine.
 */
export interface RestartPace {
  /** `ranMs`: from the start to the death. Returns the pause, milliseconds. */
  pauseAfter(ranMs: number): number;
}

/** Whoever lives this long has started well: longer than a process needs to come up and meet its first requests. */
export const settledAfterMs = 5000;
/** The first pause; the very first early death is forgiven without one, as any `kill` may hit a young process. */
export const firstPauseMs = 200;
/** Long enough to cost nothing, short enough that a repaired cause is noticed before somebody restarts it by hand. */
export const pauseMaxMs = 10_000;

export function restartPace(): RestartPace {
  let earlyDeaths = 0;
  return {
    pauseAfter(ranMs) {
      if (ranMs >= settledAfterMs) {
        earlyDeaths = 0;
        return 0;
      }
      earlyDeaths++;
      return earlyDeaths === 1 ? 0 : Math.min(pauseMaxMs, firstPauseMs * 2 ** Math.min(earlyDeaths - 2, 20));
    },
  };
}
