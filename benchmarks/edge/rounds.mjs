// The run: every round goes through all rows and, for each, through all proxies, each time starting with another one.
import { kinds } from './measure.mjs';

/** Answers `{ [row]: { [peer]: [{ round, value, … }] } }`. */
export async function measureAll(stage, { rows, peers, rounds, quick }, tell) {
  const results = {};
  const proxies = new Map();
  const lasting = rows.filter((row) => !kinds[row.kind].fresh);
  for (const peer of peers)
    if (lasting.some((row) => concerns(row, peer))) proxies.set(peer.id, await stage.start(peer));
  // What needs a process of its own comes when the others have ended, so that these do not take memory or time from it.
  for (const fresh of [false, true]) {
    const chosen = rows.filter((row) => kinds[row.kind].fresh === fresh);
    for (let round = 1; round <= rounds && chosen.length > 0; round++) {
      tell(`round ${round} of ${rounds}: ${chosen.map(({ id }) => id).join(', ')}`);
      for (const row of chosen) {
        for (const peer of rotated(
          peers.filter((each) => concerns(row, each)),
          round - 1,
        )) {
          const proxy = proxies.get(peer.id) ?? (await stage.start(peer));
          const figures = await once(stage, proxy, row, { first: round === 1, quick });
          if (fresh) await proxy.end();
          results[row.id] ??= {};
          results[row.id][peer.id] ??= [];
          results[row.id][peer.id].push({ round, ...figures });
        }
      }
    }
    for (const proxy of proxies.values()) await proxy.end();
    proxies.clear();
  }
  return results;
}

/** Not every row is for every proxy, and not every proxy for every row. */
function concerns(row, peer) {
  return (row.peers ?? [peer.id]).includes(peer.id) && (peer.rows ?? [row.id]).includes(row.id);
}

async function once(stage, proxy, row, context) {
  try {
    return await kinds[row.kind].measure(stage, proxy, row.options, context);
  } catch (error) {
    throw new Error(`${proxy.peer.name}, ${row.what}: ${error.message}`, { cause: error });
  }
}

function rotated(list, by) {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
