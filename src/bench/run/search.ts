/**
 * The search for the most that keeps every threshold: doubling until one is missed, then halving what lies between.
 * Pure.
 */

/** Where the gap is a twentieth of the value, two runs differ by more than that. */
const precision = 0.05;
/** Doubling from one to a million takes 20 steps; narrowing to a twentieth takes 5 more. */
export const searchStepsMax = 25;

export interface Search {
  /** What to try next; null when the search is over. */
  readonly next: number | null;
  /** The most that was kept so far. */
  readonly best: number | null;
  record(value: number, kept: boolean): void;
}

/** `least` and `most` bound what is tried; `whole`: only whole numbers. */
export function createSearch(options: {
  readonly first: number;
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}): Search {
  const { least, most, whole } = options;
  const within = (value: number) =>
    Math.min(most, Math.max(least, whole ? Math.round(value) : Number(value.toPrecision(4))));
  let best: number | null = null;
  let missed: number | null = null;
  let steps = 0;
  let next: number | null = within(options.first);

  const following = (): number | null => {
    if (steps >= searchStepsMax) return null;
    if (missed === null) return best === null || best >= most ? null : within(best * 2);
    // Not even the first was kept: down, as fast as it would have gone up.
    if (best === null) return missed <= least ? null : within(missed / 2);
    const middle = within((best + missed) / 2);
    const narrow = missed - best <= best * precision || middle <= best || middle >= missed;
    return narrow ? null : middle;
  };
  return {
    get next() {
      return next;
    },
    get best() {
      return best;
    },
    record(value, kept) {
      steps++;
      if (kept) best = Math.max(best ?? 0, value);
      else missed = Math.min(missed ?? Number.POSITIVE_INFINITY, value);
      next = following();
    },
  };
}
