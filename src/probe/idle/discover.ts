/**
 * Finds out after how much silence a connection is cut. All lanes run at once: quiet ones, whose death is the answer;
 * talking ones, which show what would have kept them; and a ladder of quiet ones that are asked for a sign of life
 * after longer and longer silences, because a hop that forgets a connection does not tell anybody.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DialOptions } from '../../client/dial/options.ts';
import { dialOptionsOf, type ProbeOptions } from '../options.ts';
import type { Endpoint } from '../report.ts';
import { judgeIdle, outlived, secondsText } from './judge.ts';
import { type Lane, openLane } from './lane.ts';
import type { IdleReport, LaneKind } from './report.ts';

/** Two minutes see the defaults of nginx, of Cloudflare and of most balancers. */
export const idleMsMax = 120_000;

/** Silences after which a sign of life is asked for; between the timeouts that are met most. */
const ladderMs = [
  5, 10, 20, 40, 70, 110, 150, 200, 260, 320, 380, 500, 660, 960, 1400, 2000, 3000, 3900, 5400, 7500,
].map((s) => s * 1000);

/** Quiet lanes begin at different times: deaths at one age are a timeout, deaths at one moment are a restart. */
const muteStartsMs = [0, 300, 700];

/** A black hole is narrowed down to a tenth of its value, a few silences at a time. */
const narrowTo = 0.1;
const narrowLanes = 4;

/** A pong comes in a round trip; whoever has not answered after this is gone. */
const signOfLifeMs = 2000;

const tickMs = 250;

export async function discoverIdleTimeout(url: string, options: ProbeOptions, endpoint: Endpoint): Promise<IdleReport> {
  const startedMs = performance.now();
  const maxMs = options.idle?.maxMs ?? idleMsMax;
  const dial = dialOptionsOf(options);
  const replyMs = options.timeoutMs ?? signOfLifeMs;
  const lanes: Lane[] = [];
  const open = async (kind: LaneKind) => {
    const lane = await openLane(kind, url, dial);
    if (lane !== null) lanes.push(lane);
    return lane;
  };
  try {
    const talking: LaneKind[] = [
      'answering',
      'pongs',
      'pings',
      ...(endpoint.echoes === true ? (['messages'] as const) : []),
    ];
    const [mutes] = await Promise.all([
      Promise.all(muteStartsMs.map((ms) => delay(ms).then(() => open('mute')))),
      ...talking.map((kind) => open(kind)),
    ]);
    const quiet = mutes.filter((lane) => lane !== null);
    const ladder = new Map<number, Lane>();
    for (const ms of ladderMs.filter((each) => each < maxMs)) {
      const lane = await open('ladder');
      if (lane !== null) ladder.set(ms, lane);
    }
    const hole = await watch({ quiet, ladder, lanes, startedMs, maxMs, replyMs, options });
    const bracketMs = hole === null ? null : await narrow(hole, url, dial, replyMs, options);
    const talked = lanes.filter((lane) => lane.kind !== 'ladder');
    return judgeIdle({
      lanes: talked.map((lane) => lane.report()),
      spoken: quiet[0]?.spoken ?? [],
      bracketMs,
      maxMs,
      tookMs: performance.now() - startedMs,
      server: endpoint.server,
    });
  } finally {
    for (const lane of lanes) lane.end();
  }
}

interface Watched {
  readonly quiet: readonly Lane[];
  readonly ladder: Map<number, Lane>;
  readonly lanes: readonly Lane[];
  readonly startedMs: number;
  readonly maxMs: number;
  readonly replyMs: number;
  readonly options: ProbeOptions;
}

/**
 * Until the quiet lanes are dead and the others have shown whether they outlive them. For a black hole, where it begins
 * and ends.
 */
async function watch(watched: Watched): Promise<[number, number] | null> {
  const { quiet, ladder, lanes, startedMs, maxMs, replyMs, options } = watched;
  let survivedMs = 0;
  const proving = new Map<number, Promise<boolean>>();
  let holeMs: number | null = null;
  for (;;) {
    const elapsedMs = performance.now() - startedMs;
    const dead = quiet.filter((lane) => lane.death !== null);
    if (options.signal?.aborted || quiet.length === 0) return null;
    if (holeMs !== null && dead.length === 0) return [survivedMs, holeMs];
    const longestMs = Math.max(0, ...dead.map((lane) => lane.ageMs()));
    if (dead.length === quiet.length) {
      const talking = lanes.filter((lane) => lane.kind !== 'ladder' && lane.kind !== 'mute' && lane.death === null);
      if (talking.every((lane) => lane.ageMs() >= longestMs * (outlived + 0.05) + tickMs)) return null;
    }
    // One of the quiet ones outlived the others by far: what ended those was no timeout.
    if (dead.length > 0 && dead.length < quiet.length && elapsedMs > longestMs * 2 + 2000) return null;
    if (elapsedMs >= maxMs) {
      const alive = await Promise.all(quiet.map((lane) => lane.prove(replyMs)));
      return alive.some((each) => each) || dead.length > 0 ? null : [survivedMs, maxMs];
    }
    for (const [ms, lane] of ladder) {
      if (lane.ageMs() < ms || proving.has(ms) || lane.death !== null) continue;
      const asked = lane.prove(replyMs);
      proving.set(ms, asked);
      void asked.then((alive) => {
        if (alive) survivedMs = Math.max(survivedMs, ms);
        else if (lane.death?.how === 'black-hole') holeMs = Math.min(holeMs ?? ms, ms);
        lane.end();
      });
    }
    const waitingFor =
      dead.length === 0
        ? `silence so far ${secondsText(elapsedMs)} of ${secondsText(maxMs)}`
        : `quiet ones died at ${secondsText(longestMs)}; do the others outlive them?`;
    const open = lanes.filter((lane) => lane.death === null).length;
    options.onEvent?.({ kind: 'idle', progress: { elapsedMs, maxMs, open, opened: lanes.length, waitingFor } });
    await delay(tickMs);
  }
}

/** Several silences between the two at once, until they are close enough. */
async function narrow(
  hole: [number, number],
  url: string,
  dial: DialOptions,
  replyMs: number,
  options: ProbeOptions,
): Promise<[number, number]> {
  let [low, high] = hole;
  while (high - low > high * narrowTo && !options.signal?.aborted) {
    const step = (high - low) / (narrowLanes + 1);
    const silences = Array.from({ length: narrowLanes }, (_, i) => low + step * (i + 1));
    const what = `narrowing between ${secondsText(low)} and ${secondsText(high)} of silence`;
    options.onEvent?.({ kind: 'waiting', what });
    const alive = await Promise.all(
      silences.map(async (ms) => {
        const lane = await openLane('ladder', url, dial);
        if (lane === null) return false;
        await Promise.race([delay(ms), lane.died]);
        const lives = await lane.prove(replyMs);
        lane.end();
        return lives;
      }),
    );
    const firstDead = alive.indexOf(false);
    const [before, after] = [low, high];
    low = firstDead === -1 ? silences.at(-1)! : firstDead === 0 ? before : silences[firstDead - 1]!;
    high = firstDead === -1 ? after : silences[firstDead]!;
  }
  return [low, high];
}
