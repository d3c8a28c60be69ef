// What the command takes. Pure.
import { parseArgs } from 'node:util';
import { peers } from './peers.mjs';
import { rows } from './rows.mjs';

/** Fewer say nothing of the spread. */
const roundsDefault = 5;
const roundsMax = 100;

const ids = (all) => all.map(({ id }) => id).join(',');

export const help = `npm run bench:edge -- [options]

  --only IDS      rows to measure:
                  ${ids(rows)}
  --peers IDS     proxies:
                  ${ids(peers)}
  --rounds N      how often each is measured (default ${roundsDefault})
  --fresh-rounds N
                  how often the rows for which each proxy is started anew are
                  (memory, 5,000 at once: half of the time; default as --rounds)
  --minutes N     no round begins that would end later than that
  --quick         two short rounds, to see that it works; the numbers say little
  --json FILE     write all rounds to FILE
  --page          measure nothing: write the page and its charts from the last run

A run without --only, --peers and --quick also writes
benchmarks/results/edge.json and the measured part of docs/performance.md.
For example: npm run bench:edge -- --only 64x1 --peers nginx,holdline --rounds 7
All of it in half an hour: npm run bench:edge -- --fresh-rounds 3 --minutes 32`;

/** `{ flags, problem }`: a problem is a sentence for the user, or null. */
export function readFlags(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        peers: { type: 'string' },
        rounds: { type: 'string' },
        'fresh-rounds': { type: 'string' },
        minutes: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        page: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return { flags: null, problem: error.message };
  }
  const chosenRows = choose(rows, values.only, '--only');
  const chosenPeers = choose(peers, values.peers, '--peers');
  const rounds = Number(values.rounds ?? (values.quick ? 2 : roundsDefault));
  const freshRounds = Number(values['fresh-rounds'] ?? rounds);
  const minutes = Number(values.minutes ?? Number.POSITIVE_INFINITY);
  const problem =
    chosenRows.problem ??
    chosenPeers.problem ??
    wrongRounds('--rounds', values.rounds, rounds) ??
    wrongRounds('--fresh-rounds', values['fresh-rounds'], freshRounds) ??
    (minutes > 0 ? null : `--minutes ${values.minutes}: a number above 0 is needed`);
  const { quick, page, help: wantsHelp } = values;
  const everything = !quick && values.only === undefined && values.peers === undefined;
  const flags = {
    rows: chosenRows.chosen,
    peers: chosenPeers.chosen,
    rounds,
    freshRounds,
    minutes,
    quick,
    page,
    everything,
    help: wantsHelp,
  };
  return { flags: { ...flags, json: values.json ?? null }, problem };
}

function wrongRounds(flag, written, rounds) {
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= roundsMax) return null;
  return `${flag} ${written}: a whole number from 1 to ${roundsMax} is needed`;
}

function choose(all, text, flag) {
  if (text === undefined) return { chosen: all, problem: null };
  const wanted = text.split(',').map((id) => id.trim());
  const unknown = wanted.find((id) => !all.some((each) => each.id === id));
  if (unknown !== undefined) return { chosen: [], problem: `${flag} ${unknown}: there is ${ids(all)}` };
  return { chosen: all.filter(({ id }) => wanted.includes(id)), problem: null };
}
