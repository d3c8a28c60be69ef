/**
 * When to ping, and when to give up. A peer that falls silent right after it was heard is found within every + timeout:
 * the next ping is never later than `everyMs`, only earlier by chance, so that connections opened together drift apart
 * instead of beating together. Any bytes of the peer stand for the pong: a peer that talks lives, whether it answers
 * pings or not.
 */
import type { HeartbeatSpec } from '../../spec/model.ts';

export interface HeartbeatState {
  /** When to look again, monotonic. */
  dueMs: number;
  /** A ping is out, and nothing was heard since. */
  awaiting: boolean;
  /** When the last ping was sent; null before the first. */
  sentMs: number | null;
  /** The deadline was passed by late timers and has been moved once. */
  forgiven: boolean;
  /** Of the last ping that was answered by its pong; null before the first. */
  rttMs: number | null;
}

export type HeartbeatStep = 'wait' | 'ping' | 'lost';

/**
 * Beats come up to a fifth early. It takes some five beats to spread a herd over the whole interval, and costs a tenth
 * more pings.
 */
const jitterShare = 0.2;

/**
 * A look that is this late means that the edge itself stood still (a stopped process, a machine that slept). The
 * answers may lie unread in the sockets, so one more such time passes before anybody is called lost.
 */
export const stallMs = 1_000;

/**
 * The slowest line that is waited for: 16 KiB/s, what a mobile phone gets at the edge of a cell (EDGE: 15 to 25 kB/s).
 * A pong behind a burst that was written before its ping has the time that the burst takes at this rate.
 */
export const floorBytesPerSecond = 16_384;

/**
 * A burst of this size costs no extra time: the kernel's buffers of a quiet connection hold it, and the timeout covers
 * its way.
 */
const burstBytesFree = 65_536;

/**
 * The most that is counted: what the kernels on both ends keep for one connection by their usual limits (tcp_wmem and
 * tcp_rmem, 4 and 6 MB). What is beyond waits in the edge's own buffer, which has a deadline of its own.
 */
const aheadBytesMax = 10_485_760;

/**
 * `random` is 0 <= x < 1. The first beat falls anywhere in the interval, since a reload of pages opens thousands at
 * once.
 */
export function newHeartbeat(spec: HeartbeatSpec, nowMs: number, random: number): HeartbeatState {
  const dueMs = nowMs + spec.everyMs * (1 - random);
  return { dueMs, awaiting: false, sentMs: null, forgiven: false, rttMs: null };
}

/**
 * Call at `dueMs` or later. `ping`: send one and call `pinged`. `lost`: the answer is overdue, close with
 * `heartbeat-lost`.
 */
export function heartbeatStep(state: HeartbeatState, nowMs: number): HeartbeatStep {
  if (nowMs < state.dueMs) return 'wait';
  if (!state.awaiting) return 'ping';
  if (nowMs - state.dueMs <= stallMs || state.forgiven) return 'lost';
  state.forgiven = true;
  state.dueMs = nowMs + stallMs;
  return 'wait';
}

/** `aheadBytes` may still be on their way in front of the ping. */
export function pinged(state: HeartbeatState, spec: HeartbeatSpec, nowMs: number, aheadBytes: number): void {
  state.awaiting = true;
  state.sentMs = nowMs;
  state.forgiven = false;
  state.dueMs = nowMs + spec.timeoutMs + wayMs(aheadBytes);
}

/**
 * Bytes came from the peer. The next beat is counted from the ping, not from its answer: a slow path does not slow the
 * beat.
 */
export function heard(state: HeartbeatState, spec: HeartbeatSpec, nowMs: number, random: number): void {
  if (!state.awaiting) return;
  state.awaiting = false;
  state.dueMs = Math.max(nowMs, state.sentMs! + spec.everyMs * (1 - jitterShare * random));
}

/** The pong to the last ping. */
export function ponged(state: HeartbeatState, nowMs: number): void {
  if (state.sentMs !== null) state.rttMs = nowMs - state.sentMs;
}

/** The edge did not read the peer for reasons of its own, and cannot know what it said: the answer may still come. */
export function excused(state: HeartbeatState, spec: HeartbeatSpec, nowMs: number): void {
  if (state.awaiting) state.dueMs = nowMs + spec.timeoutMs;
}

/**
 * Bytes toward the peer that may not have arrived yet, as far as the edge knows: written, and less than the floor rate
 * ago.
 */
export interface Burst {
  bytes: number;
  /** When `bytes` was right, monotonic. */
  atMs: number;
  /** Written since the last ping: its pong says that what was before it has arrived. */
  sincePingBytes: number;
}

export function newBurst(nowMs: number): Burst {
  return { bytes: 0, atMs: nowMs, sincePingBytes: 0 };
}

export function wrote(burst: Burst, bytes: number, nowMs: number): void {
  if (nowMs !== burst.atMs) settle(burst, nowMs);
  burst.bytes = Math.min(aheadBytesMax, burst.bytes + bytes);
  burst.sincePingBytes += bytes;
}

/** What may be in front of a ping that is written now. */
export function aheadOfPing(burst: Burst, nowMs: number): number {
  settle(burst, nowMs);
  burst.sincePingBytes = 0;
  return burst.bytes;
}

/** The last ping has arrived, and with it whatever was written before. */
export function arrived(burst: Burst): void {
  burst.bytes = Math.min(burst.bytes, burst.sincePingBytes);
}

function settle(burst: Burst, nowMs: number): void {
  burst.bytes = Math.max(0, burst.bytes - ((nowMs - burst.atMs) / 1000) * floorBytesPerSecond);
  burst.atMs = nowMs;
}

function wayMs(aheadBytes: number): number {
  return (Math.max(0, aheadBytes - burstBytesFree) / floorBytesPerSecond) * 1000;
}
