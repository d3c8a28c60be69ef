const bars = '▁▂▃▄▅▆▇█';

/** The last values that fit into `width` columns, from 0 to their largest; what was not measured is a gap. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-width);
  const top = largestValue(shown);
  return shown
    .map((value) => {
      if (value === null) return ' ';
      const height = top === 0 ? 0 : Math.ceil((value / top) * bars.length) - 1;
      return bars[Math.max(0, Math.min(bars.length - 1, height))];
    })
    .join('');
}

/** 0 when there is none. */
export function largestValue(values: readonly (number | null)[]): number {
  return values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
}
