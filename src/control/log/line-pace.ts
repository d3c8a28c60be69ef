/** Lets so many lines a second pass and counts the others, so that a flood of refusals cannot fill the disk. */
export interface LinePace {
  /** True when the line may be written. */
  admit(nowMs: number): boolean;
  /** How many lines were held back since the last call. */
  takeSuppressed(): number;
}

export function linePace(options: { readonly perSecond: number }): LinePace {
  let windowStartMs = Number.NEGATIVE_INFINITY;
  let admitted = 0;
  let suppressed = 0;
  return {
    admit(nowMs) {
      if (nowMs - windowStartMs >= 1000 || nowMs < windowStartMs) {
        windowStartMs = nowMs;
        admitted = 0;
      }
      if (admitted < options.perSecond) {
        admitted++;
        return true;
      }
      suppressed++;
      return false;
    },
    takeSuppressed() {
      const count = suppressed;
      suppressed = 0;
      return count;
    },
  };
}
