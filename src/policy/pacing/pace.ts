/**
 * Closing many connections at a set pace. The caller holds the list; this says how many are due, and how far it is.
 * Plain data, so that a drain can be shown, cancelled, and handed from one process to another.
 */
export interface Pace {
  /** Above 0. */
  readonly ratePerSecond: number;
  readonly startedMs: number;
  total: number;
  /** Closed by the pace. */
  closed: number;
  /** Gone by themselves meanwhile. */
  gone: number;
  /** Of those gone, the ones that had been handed out. */
  missed: number;
  /** Time up to which closes have been handed out. */
  paidMs: number;
  endedMs: number | null;
  cancelled: boolean;
}

export interface PaceProgress {
  readonly state: 'running' | 'done' | 'cancelled';
  readonly total: number;
  readonly closed: number;
  readonly gone: number;
  readonly remaining: number;
  readonly elapsedMs: number;
  /** Until the last is closed, at this rate; 0 when it is over. */
  readonly etaMs: number;
}

/**
 * A process that stood still closes at most this much of what it missed at once: a burst is what the pace is there to
 * prevent.
 */
const catchUpMaxMs = 1_000;

export function newPace(total: number, ratePerSecond: number, nowMs: number): Pace {
  const endedMs = total === 0 ? nowMs : null;
  return {
    ratePerSecond,
    startedMs: nowMs,
    total,
    closed: 0,
    gone: 0,
    missed: 0,
    paidMs: nowMs,
    endedMs,
    cancelled: false,
  };
}

/** The same by a clock that is ahead by so much. */
export function paceLater(pace: Pace, laterMs: number): Pace {
  const { startedMs, paidMs, endedMs } = pace;
  return {
    ...pace,
    startedMs: startedMs + laterMs,
    paidMs: paidMs + laterMs,
    endedMs: endedMs === null ? null : endedMs + laterMs,
  };
}

/**
 * How many to close now, at most `most` of them (somebody else may have a word in it); they count as closed from here
 * on.
 */
export function paceDue(pace: Pace, nowMs: number, most = Number.POSITIVE_INFINITY): number {
  const earned = paceEarned(pace, nowMs);
  const due = Math.min(earned, most);
  if (due === 0) return 0;
  // The first is due at the start, and costs no interval. Steps are counted in whole closes, so that fractions are not
  // lost.
  const first = pace.closed === 0 && pace.missed === 0 ? 1 : 0;
  pace.paidMs = Math.max(pace.paidMs, nowMs - catchUpMaxMs) + ((due - first) * 1000) / pace.ratePerSecond;
  pace.closed += due;
  endIfDone(pace, nowMs);
  return due;
}

/** How many the pace alone would close now. */
export function paceEarned(pace: Pace, nowMs: number): number {
  if (pace.endedMs !== null) return 0;
  const first = pace.closed === 0 && pace.missed === 0 ? 1 : 0;
  const passedMs = nowMs - Math.max(pace.paidMs, nowMs - catchUpMaxMs);
  const earned = Math.max(0, Math.floor((passedMs * pace.ratePerSecond) / 1000 + 1e-9));
  return Math.min(remainingOf(pace), first + earned);
}

/** Of those handed out, so many were gone already: they count as gone, and their turns go to others. */
export function paceMissed(pace: Pace, count: number): void {
  const missed = Math.min(count, pace.closed);
  pace.closed -= missed;
  pace.gone += missed;
  pace.missed += missed;
  pace.paidMs -= (missed * 1000) / pace.ratePerSecond;
}

/** More of them turned up after the start. */
export function paceMore(pace: Pace, count: number): void {
  if (count === 0 || pace.cancelled) return;
  pace.total += count;
  pace.endedMs = null;
}

/** When the next close is due; null when it is over. */
export function paceNextMs(pace: Pace): number | null {
  if (pace.endedMs !== null) return null;
  return pace.closed === 0 ? pace.startedMs : pace.paidMs + 1000 / pace.ratePerSecond;
}

/** Connections of the list that ended before their turn. */
export function paceGone(pace: Pace, count: number, nowMs: number): void {
  if (pace.endedMs !== null) return;
  pace.gone = Math.min(pace.total - pace.closed, pace.gone + count);
  endIfDone(pace, nowMs);
}

/** Stops where it is; what is closed stays closed. Does nothing when it is over. */
export function cancelPace(pace: Pace, nowMs: number): void {
  if (pace.endedMs !== null) return;
  pace.cancelled = true;
  pace.endedMs = nowMs;
}

export function paceProgress(pace: Pace, nowMs: number): PaceProgress {
  const remaining = remainingOf(pace);
  const running = pace.endedMs === null;
  // The first of those that remain is due at paceNextMs, each further one an interval later.
  const lastMs = (paceNextMs(pace) ?? nowMs) + ((remaining - 1) * 1000) / pace.ratePerSecond;
  return {
    state: running ? 'running' : pace.cancelled ? 'cancelled' : 'done',
    total: pace.total,
    closed: pace.closed,
    gone: pace.gone,
    remaining,
    elapsedMs: (pace.endedMs ?? nowMs) - pace.startedMs,
    etaMs: running ? Math.max(0, lastMs - nowMs) : 0,
  };
}

function remainingOf(pace: Pace): number {
  return pace.total - pace.closed - pace.gone;
}

function endIfDone(pace: Pace, nowMs: number): void {
  if (remainingOf(pace) === 0) pace.endedMs = nowMs;
}
