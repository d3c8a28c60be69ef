/**
 * When to ping, and when to give up. A peer that vanishes right after a pong is found within every + timeout: the next ping is never
 * later than `everyMs`, only earlier by chance, so that connections opened together drift apart instead of beating together.
 */
import type { HeartbeatSpec } from '../../spec/model.ts';

export interface HeartbeatState {
  /** When to look again, monotonic. */
  dueMs: number;
  /** When the ping was sent that is not answered yet; null when none is out. */
  sentMs: number | null;
  /** The deadline was passed by late timers and has been moved once. */
  forgiven: boolean;
  /** Of the last ping that was answered; null before the first. */
  rttMs: number | null;
}

export type HeartbeatStep = 'wait' | 'ping' | 'lost';

/** Beats come up to a fifth early. It takes some five beats to spread a herd over the whole interval, and costs a tenth more pings. */
const jitterShare = 0.2;

/**
 * A look that is this late means that the edge itself stood still (a stopped process, a machine that slept). The answers may lie
 * unread in the sockets, so one more such time passes before anybody is called lost.
 */
export const stallMs = 1_000;

/** `random` is 0 <= x < 1. The first beat falls anywhere in the interval, since a reload of pages opens thousands at once. */
export function newHeartbeat(spec: HeartbeatSpec, nowMs: number, random: number): HeartbeatState {
  return { dueMs: nowMs + spec.everyMs * (1 - random), sentMs: null, forgiven: false, rttMs: null };
}

/** Call at `dueMs` or later. `ping`: send one and call `pinged`. `lost`: the answer is overdue, close with `heartbeat-lost`. */
export function heartbeatStep(state: HeartbeatState, nowMs: number): HeartbeatStep {
  if (nowMs < state.dueMs) return 'wait';
  if (state.sentMs === null) return 'ping';
  if (nowMs - state.dueMs <= stallMs || state.forgiven) return 'lost';
  state.forgiven = true;
  state.dueMs = nowMs + stallMs;
  return 'wait';
}

export function pinged(state: HeartbeatState, spec: HeartbeatSpec, nowMs: number): void {
  state.sentMs = nowMs;
  state.forgiven = false;
  state.dueMs = nowMs + spec.timeoutMs;
}

/** The pong to the ping that is out. The next beat is counted from the ping, not from its answer: a slow path does not slow the beat. */
export function ponged(state: HeartbeatState, spec: HeartbeatSpec, nowMs: number, random: number): void {
  if (state.sentMs === null) return;
  state.rttMs = nowMs - state.sentMs;
  state.dueMs = Math.max(nowMs, state.sentMs + spec.everyMs * (1 - jitterShare * random));
  state.sentMs = null;
}

/**
 * Bytes of an unfinished frame arrived. No pong can be put inside a frame (RFC 6455, 5.4), so a large one on a slow line would look
 * like silence; while it moves, the deadline moves with it.
 */
export function heardInsideFrame(state: HeartbeatState, spec: HeartbeatSpec, nowMs: number): void {
  if (state.sentMs !== null) state.dueMs = nowMs + spec.timeoutMs;
}
