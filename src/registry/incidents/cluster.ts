/** Where most of the numbers lie together. */
export interface Cluster {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Of all the numbers, 0 to 1. */
  readonly share: number;
}

/** The window of this width that holds most of the values; null without values. */
export function densest(values: readonly number[], width: number): Cluster | null {
  const sorted = [...values].sort((a, b) => a - b);
  let best: Cluster | null = null;
  let end = 0;
  for (const [start, from] of sorted.entries()) {
    while (end < sorted.length && sorted[end]! - from <= width) end++;
    const count = end - start;
    if (best === null || count > best.count) best = { from, to: sorted[end - 1]!, count, share: count / sorted.length };
  }
  return best;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** The value that most of the items have, with its share; null without items. */
export function commonest<Item>(
  items: readonly Item[],
  read: (item: Item) => string | null,
): { readonly value: string; readonly count: number; readonly share: number } | null {
  const counts = new Map<string, number>();
  for (const item of items) {
    const value = read(item);
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  let best: [string, number] | null = null;
  for (const entry of counts) if (best === null || entry[1] > best[1]) best = entry;
  return best === null ? null : { value: best[0], count: best[1], share: best[1] / items.length };
}
