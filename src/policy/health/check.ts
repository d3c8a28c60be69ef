/**
 * Active health of one server: checks come in, and now and then it falls or rises. A server begins well, as in HAProxy:
 * an edge that starts must not refuse everybody until the checks have been round.
 */
export interface CheckState {
  well: boolean;
  /** Results in a row that speak against `well`. */
  streak: number;
  /**
   * When it last fell, and how often it has within `flapWindowMs` of each other: a server that flaps has to prove more.
   */
  fellMs: number;
  falls: number;
  /** Since when it is as it is. */
  sinceMs: number;
  /** Of the last result. */
  detail: string;
  /** When the last check passed; null while none has. */
  passedMs: number | null;
  /** When the last result came, whatever it was. */
  lastMs: number;
}

export interface CheckRules {
  /** Failures in a row that take a server out. */
  readonly fall: number;
  /** Successes in a row that bring it back. */
  readonly rise: number;
}

export interface HealthResult {
  readonly ok: boolean;
  readonly detail: string;
}

/** Falls closer together than this belong to one trouble. */
export const flapWindowMs = 60_000;
/** Each further fall within the window doubles what it takes to come back, up to this many times `rise`. */
export const flapFactorMax = 8;

export function newCheckState(nowMs: number): CheckState {
  return {
    well: true,
    streak: 0,
    fellMs: Number.NEGATIVE_INFINITY,
    falls: 0,
    sinceMs: nowMs,
    detail: '',
    passedMs: null,
    lastMs: nowMs,
  };
}

/** Takes one result over, and says when it changed anything: once down, once back. */
export function takeCheck(
  state: CheckState,
  result: HealthResult,
  rules: CheckRules,
  nowMs: number,
): 'fell' | 'rose' | null {
  state.detail = result.detail;
  state.lastMs = nowMs;
  if (result.ok) state.passedMs = nowMs;
  if (result.ok === state.well) {
    state.streak = 0;
    return null;
  }
  state.streak += 1;
  if (state.streak < (state.well ? rules.fall : riseNeeded(state, rules))) return null;
  state.streak = 0;
  state.well = result.ok;
  state.sinceMs = nowMs;
  if (result.ok) return 'rose';
  state.falls = nowMs - state.fellMs <= flapWindowMs ? state.falls + 1 : 1;
  state.fellMs = nowMs;
  return 'fell';
}

/** Successes in a row that this server needs to come back. */
export function riseNeeded(state: CheckState, rules: CheckRules): number {
  return rules.rise * Math.min(flapFactorMax, 2 ** Math.max(0, state.falls - 1));
}

/** A tenth either way, so that the servers of a large upstream, and the edges of a fleet, are not asked in step. */
const jitterShare = 0.1;

/** Until the next check. `random` is 0 <= x < 1. */
export function checkPauseMs(everyMs: number, random: number): number {
  return everyMs * (1 - jitterShare + 2 * jitterShare * random);
}
