/** The scale of the percentile curve: each further nine (90 %, 99 %, 99.9 %) is one step to the right. */

/** 0 for 0, 1 for 90 %, 2 for 99 %; a share of 1 lies infinitely far. */
export function ninesOf(share: number): number {
  return Math.log10(1 / (1 - share));
}

/** CSS pixels that the text of a mark takes, with some room beside it. */
const tickPx = 62;

/** Where an axis of that many CSS pixels has its marks, up to `most` nines. */
export function ninesTicks(most: number, widthPx: number): number[] {
  const ninePx = widthPx / most;
  const step = Math.max(1, Math.ceil(tickPx / ninePx));
  const ticks = [0];
  if (ninesOf(0.5) * ninePx > tickPx / 2 && (step - ninesOf(0.5)) * ninePx > tickPx / 2) ticks.push(ninesOf(0.5));
  for (let nines = step; nines <= most; nines += step) ticks.push(nines);
  return ticks;
}

/** `0 %`, `50 %`, `90 %`, `99.9 %`: as many digits as the nines need. */
export function ninesText(nines: number): string {
  const percent = 100 - 100 * 10 ** -nines;
  const digits = Math.max(0, Math.round(nines) - 2);
  return `${nines < 1 ? Math.round(percent) : percent.toFixed(digits)} %`;
}

/**
 * Points of the curve in columns. The largest value has a share of 1; of `count` values it is drawn where the share
 * of all others ends, which is where nearest rank would find it.
 */
export function percentileColumns(
  distribution: readonly { readonly share: number; readonly us: number }[],
  count: number,
): [number[], number[]] {
  const last = Math.log10(Math.max(2, count));
  const xs: number[] = [];
  const ys: number[] = [];
  for (const { share, us } of distribution) {
    const x = Math.min(last, ninesOf(share));
    // Of several at one place the last stands, which is the largest.
    if (xs.length > 0 && x <= xs.at(-1)!) ys[ys.length - 1] = us;
    else {
      xs.push(x);
      ys.push(us);
    }
  }
  return [xs, ys];
}
