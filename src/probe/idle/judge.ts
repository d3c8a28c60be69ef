/** What the lanes mean, as a pure function of how long each lived and how it ended. */

import type { Death } from './death.ts';
import { guessHop } from './hops.ts';
import type { Spoken } from './lane.ts';
import type { IdleReport, LaneReport } from './report.ts';

export interface Observation {
  readonly lanes: readonly LaneReport[];
  /** What the server said on a quiet lane. */
  readonly spoken: readonly Spoken[];
  /** For a black hole: the longest silence that was survived and the shortest that was not. */
  readonly bracketMs: readonly [number, number] | null;
  readonly maxMs: number;
  readonly tookMs: number;
  readonly server: string | null;
}

/** A lane that lived this much longer than the quiet ones was kept open by what it said. */
export const outlived = 1.2;

export function judgeIdle(seen: Observation): IdleReport {
  const { lanes, maxMs, tookMs } = seen;
  const dead = lanes.filter((lane) => lane.kind === 'mute' && lane.death !== null);
  const samplesMs = seen.bracketMs ?? dead.map((lane) => lane.ageMs).sort((a, b) => a - b);
  const serverSpeaks = rhythmOf(seen.spoken);
  const base = { maxMs, tookMs, samplesMs, serverSpeaks, lanes };
  const death = dead[0]?.death ?? (seen.bracketMs === null ? null : ({ how: 'black-hole' } as const));
  const unknown = { pings: null, clientFrames: null, serverFrames: null, messages: null };
  if (lanes.every((lane) => lane.kind !== 'mute'))
    return { ...base, ...nothing('unclear', 'no connection could be opened to be left alone'), keptOpenBy: unknown };
  if (death === null) return { ...base, ...nothing('none', noneText(serverSpeaks, maxMs, lanes)), keptOpenBy: unknown };

  const timeoutMs = seen.bracketMs === null ? middle(samplesMs) : (seen.bracketMs[0] + seen.bracketMs[1]) / 2;
  const kept = (kind: LaneReport['kind']): boolean | null => {
    const lane = lanes.find((each) => each.kind === kind);
    if (lane === undefined) return null;
    if (lane.ageMs >= timeoutMs * outlived) return true;
    return lane.death === null ? null : false;
  };
  const spoke = serverSpeaks.pings + serverSpeaks.messages > 0 && (serverSpeaks.everyMs ?? 0) < timeoutMs * 0.8;
  const keptOpenBy = {
    pings: kept('pings'),
    clientFrames: kept('pongs'),
    messages: kept('messages'),
    // A quiet client whose server spoke and that was cut all the same.
    serverFrames: spoke ? false : null,
  };
  const kind = kindOf(keptOpenBy, kept('answering'), serverSpeaks.pings > 0);
  const silence = kind === 'lifetime' ? null : silenceOf(keptOpenBy, spoke);
  const guess = kind === 'idle' ? guessHop(timeoutMs, death, seen.server) : null;
  const finding = findingText({ kind, timeoutMs, death, silence, keptOpenBy });
  return {
    ...base,
    kind,
    timeoutMs,
    death,
    silence,
    keptOpenBy,
    guess,
    finding,
    remedy: remedyText(kind, keptOpenBy, timeoutMs, guess?.setting ?? 'the timeout of the hop'),
  };
}

function nothing(kind: 'none' | 'unclear', finding: string) {
  return { kind, timeoutMs: null, death: null, silence: null, guess: null, finding, remedy: null };
}

function kindOf(
  kept: IdleReport['keptOpenBy'],
  answering: boolean | null,
  pinged: boolean,
): 'idle' | 'lifetime' | 'heartbeat' {
  // The server pinged, who answered lives, and who did not is dead.
  if (pinged && answering === true) return 'heartbeat';
  const tried = [kept.pings, kept.clientFrames, kept.messages].filter((each) => each !== null);
  return tried.length > 0 && tried.every((each) => !each) && kept.messages === false ? 'lifetime' : 'idle';
}

function silenceOf(kept: IdleReport['keptOpenBy'], serverSpoke: boolean): 'client' | 'server' | 'both' {
  if (serverSpoke) return 'client';
  // Frames of the client do not help, but frames of both do: what is missed is the server’s.
  if (kept.clientFrames === false && kept.pings === true) return 'server';
  return 'both';
}

function findingText(found: Pick<IdleReport, 'kind' | 'timeoutMs' | 'death' | 'silence' | 'keptOpenBy'>): string {
  const after = secondsText(found.timeoutMs!);
  const how = deathText(found.death!);
  if (found.kind === 'lifetime')
    return `every connection is cut at the age of ${after}, busy or not (${how}): a limit on lifetime, not on silence`;
  if (found.kind === 'heartbeat')
    return `the server pings, and cuts a client that has not answered after ${after} (${how}); a client that answers stays`;
  const { pings, clientFrames, serverFrames, messages } = found.keptOpenBy;
  const whose = {
    client: 'of the client, even while the server speaks',
    server: 'of the server, even while the client speaks',
    both: 'on both sides',
  };
  const parts = [`cut after ${after} of silence ${whose[found.silence!]} (${how})`];
  if (pings === true) parts.push('pings alone keep it open');
  if (pings === false)
    parts.push(messages === true ? 'pings do not keep it open, messages do' : 'pings do not keep it open');
  if (pings === true && clientFrames === true) parts.push('so do client frames that get no answer');
  if (found.silence === 'both' && clientFrames === true && serverFrames === null)
    parts.push('the server says nothing unasked, so whether its frames alone would is not known');
  return parts.join('; ');
}

function remedyText(
  kind: IdleReport['kind'],
  kept: IdleReport['keptOpenBy'],
  timeoutMs: number,
  setting: string,
): string {
  if (kind === 'lifetime')
    return 'let clients reconnect by themselves before that age, spread in time, or raise the limit';
  if (kind === 'heartbeat') return 'nothing for browsers, which answer pings by themselves; other clients have to';
  // Half of it, so that one may come late; a timeout of 19.99 s counts as 20.
  const every = secondsText(Math.max(1000, Math.floor(timeoutMs / 2000 + 0.1) * 1000));
  const what =
    kept.pings === false && kept.messages === true
      ? 'a small message'
      : 'a ping from the server (a page cannot send one)';
  return `send ${what} at least every ${every}, or raise ${setting}`;
}

function noneText(speaks: IdleReport['serverSpeaks'], maxMs: number, lanes: readonly LaneReport[]): string {
  const mute = lanes.filter((lane) => lane.kind === 'mute');
  const longest = Math.max(...mute.map((lane) => lane.ageMs));
  if (speaks.pings > 0)
    return `not cut in ${secondsText(longest)}; the server pings${speaks.everyMs === null ? '' : ` every ${secondsText(speaks.everyMs)}`}, which keeps proxies on the way from counting silence`;
  if (speaks.messages > 0)
    return `not cut in ${secondsText(longest)}; the server sends messages of its own, so that it was never silent`;
  // The lanes begin a moment after the search.
  if (longest < maxMs - 2000) return `not cut in ${secondsText(longest)} of silence, when the search was stopped`;
  return `not cut in ${secondsText(longest)} of silence; --max watches for longer`;
}

export function deathText(death: Death): string {
  switch (death.how) {
    case 'close-frame':
      return `close frame ${death.code ?? 'without a code'}${death.reason === '' ? '' : ` “${death.reason}”`}`;
    case 'fin':
      return 'no close frame, FIN';
    case 'reset':
      return 'no close frame, reset';
    case 'black-hole':
      return 'not a word: what is sent is lost';
  }
}

/** `60 s`, `5.0 s`, `10 min`. */
export function secondsText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds >= 600 && Math.abs(seconds % 60) < 1) return `${Math.round(seconds / 60)} min`;
  return seconds < 20 ? `${Number(seconds.toFixed(1))} s` : `${Math.round(seconds)} s`;
}

function rhythmOf(spoken: readonly Spoken[]): IdleReport['serverSpeaks'] {
  const gaps = spoken.slice(1).map((each, i) => each.atMs - spoken[i]!.atMs);
  return {
    pings: spoken.filter((each) => each.what === 'ping').length,
    messages: spoken.filter((each) => each.what === 'message').length,
    everyMs: gaps.length > 0 ? middle(gaps) : spoken.length === 1 ? spoken[0]!.atMs : null,
  };
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
