// The run: every round goes through all rows and, for each, through all proxies, each time starting with another one.
import { kinds } from './measure.mjs';

/** Of the minutes that a run may take: what is left for the rows for which each proxy is started anew. */
const freshShare = 0.5;

/**
 * Answers `{ results, failures, done }`: `{ [row]: { [peer]: [{ round, value, … }] } }`, a sentence for each figure
 * that could not be had twice in a row (one of hundreds must not cost a run of half an hour), and how many rounds there
 * were.
 */
export async function measureAll(stage, { rows, peers, rounds: usual, freshRounds, minutes, quick }, tell) {
  const results = {};
  const failures = [];
  const done = { rounds: 0, freshRounds: 0 };
  const start = performance.now();
  const proxies = new Map();
  const lasting = rows.filter((row) => !kinds[row.kind].fresh);
  for (const peer of peers)
    if (lasting.some((row) => concerns(row, peer))) proxies.set(peer.id, await stage.start(peer));
  // What needs a process of its own comes when the others have ended, so that these do not take memory or time from it.
  for (const fresh of [false, true]) {
    const chosen = rows.filter((row) => kinds[row.kind].fresh === fresh);
    const rounds = fresh ? freshRounds : usual;
    const endMs = start + minutes * 60_000 * (fresh ? 1 : 1 - freshShare);
    let longestMs = 0;
    for (let round = 1; round <= rounds && chosen.length > 0; round++) {
      const roundMs = performance.now();
      if (round > 1 && roundMs + longestMs > endMs) {
        tell(`no time for round ${round} of ${rounds}`);
        break;
      }
      tell(`round ${round} of ${rounds}: ${chosen.map(({ id }) => id).join(', ')}`);
      for (const row of chosen) {
        for (const peer of rotated(
          peers.filter((each) => concerns(row, each)),
          round - 1,
        )) {
          const measure = async () => {
            const proxy = proxies.get(peer.id) ?? (await stage.start(peer));
            try {
              return await kinds[row.kind].measure(stage, proxy, row.options, { first: round === 1, quick });
            } finally {
              if (fresh) await proxy.end();
            }
          };
          const failed = (error) => `round ${round}, ${peer.name}, ${row.what}: ${error.message}`;
          const figures = await measure()
            .catch((error) => {
              tell(`once more: ${failed(error)}`);
              return measure();
            })
            .catch((error) => {
              failures.push(failed(error));
              tell(`left out: ${failed(error)}`);
              return null;
            });
          results[row.id] ??= {};
          results[row.id][peer.id] ??= [];
          if (figures !== null) results[row.id][peer.id].push({ round, ...figures });
        }
      }
      longestMs = Math.max(longestMs, performance.now() - roundMs);
      done[fresh ? 'freshRounds' : 'rounds'] = round;
    }
    for (const proxy of proxies.values()) await proxy.end();
    proxies.clear();
  }
  return { results, failures, done };
}

/** Not every row is for every proxy, and not every proxy for every row. */
function concerns(row, peer) {
  return (row.peers ?? [peer.id]).includes(peer.id) && (peer.rows ?? [row.id]).includes(row.id);
}

function rotated(list, by) {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
