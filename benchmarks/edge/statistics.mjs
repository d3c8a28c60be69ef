// What the rounds of a run say. Pure.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * One row's rounds of two peers compared: the median of the ratios within each round, and the least and the most of
 * them. Null when there is no round that has both. Rounds are `{ round, value }`.
 */
export function ratio(rounds, base) {
  const ratios = [];
  for (const { round, value } of rounds) {
    const other = base.find((each) => each.round === round);
    if (other !== undefined && other.value > 0) ratios.push(value / other.value);
  }
  if (ratios.length === 0) return null;
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios), ratios };
}

/** Medians of everything that a row's rounds say of a peer. */
export function medians(rounds) {
  const found = {};
  for (const key of Object.keys(rounds[0] ?? {})) {
    const values = rounds.map((each) => each[key]).filter((value) => typeof value === 'number');
    if (key !== 'round' && values.length > 0) found[key] = median(values);
  }
  return found;
}

/**
 * All rows and peers of `results` ({ [row]: { [peer]: rounds } }) as lines that a report prints.
 * @typedef {{ median: number, min: number, max: number, ratios: number[] }} Ratio
 * @typedef {{ peer: any, medians: Record<string, number>, ratio: Ratio | null, target: number | null, met: boolean |
 *   null, roundsMet: number }} Entry
 * @returns {{ row: any, entries: Entry[], waited: { peer: any, busyShare: number }[], nodePeers: { peer: any, ratio:
 *   Ratio }[] }[]}
 */
export function summarize(results, rows, peers, base = 'nginx') {
  return rows
    .filter((row) => results[row.id] !== undefined)
    .map((row) => {
      const byPeer = results[row.id];
      const entries = peers
        .filter((peer) => (byPeer[peer.id] ?? []).length > 0)
        .map((peer) => {
          const comparable = row.compared !== false && byPeer[base] !== undefined;
          const compared = comparable ? ratio(byPeer[peer.id], byPeer[base]) : null;
          const target = peer.id === 'holdline' ? row.target : null;
          return {
            peer,
            medians: medians(byPeer[peer.id]),
            ratio: compared,
            target,
            met: target === null || compared === null ? null : compared.median <= target,
            roundsMet: compared?.ratios.filter((each) => each <= target).length ?? 0,
          };
        });
      return { row, entries, waited: waited(row, entries, base), nodePeers: againstNode(byPeer, peers) };
    });
}

/**
 * Of the two that a target compares, who was less busy than the row asks for: a proxy that waits for its clients pays
 * more for each message, so that the ratio says little.
 */
function waited({ busyShareMin = 0 }, entries, base) {
  return entries
    .filter(({ peer, medians }) => [base, 'holdline'].includes(peer.id) && medians.proxyBusy < busyShareMin)
    .map(({ peer, medians }) => ({ peer, busyShare: medians.proxyBusy }));
}

/** Holdline beside each relay on Node: what share of the relay's figure it takes. The largest share first. */
function againstNode(byPeer, peers) {
  if (byPeer.holdline === undefined) return [];
  return peers
    .filter((peer) => peer.node && byPeer[peer.id] !== undefined)
    .map((peer) => ({ peer, ratio: ratio(byPeer.holdline, byPeer[peer.id]) }))
    .filter((each) => each.ratio !== null)
    .sort((a, b) => b.ratio.median - a.ratio.median);
}
