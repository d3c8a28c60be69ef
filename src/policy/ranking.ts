/**
 * Puts the lowest rank first; among equal ranks the lowest tie-breaker, then whoever came first. Rank and tie-breaker
 * are drawn once for each, so that the order does not change while it is sorted. Lua's sort does not keep the order of
 * equals, so their places are compared, too.
 */
export function ranked<Item>(
  items: readonly Item[],
  rank: (item: Item) => number,
  tie: () => number = () => 0,
): Item[] {
  return items
    .map((item, place) => ({ item, place, rank: rank(item), tie: tie() }))
    .sort((a, b) => {
      if (a.rank !== b.rank) return a.rank < b.rank ? -1 : 1;
      return a.tie === b.tie ? a.place - b.place : a.tie - b.tie;
    })
    .map((entry) => entry.item);
}
