/**
 * Runs `work` on every item, at most `width` at a time. Results keep the items' order, and so does `onDone`: an item
 * is told of when all before it have been.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
  told: { readonly onBegin?: (item: Item) => void; readonly onDone?: (result: Result, index: number) => void } = {},
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  const done = new Set<number>();
  let next = 0;
  let toTell = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      told.onBegin?.(items[index]!);
      results[index] = await work(items[index]!);
      done.add(index);
      while (done.has(toTell)) {
        told.onDone?.(results[toTell]!, toTell);
        toTell++;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}
