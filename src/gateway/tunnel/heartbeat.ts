import { randomBytes } from 'node:crypto';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import {
  aheadOfPing,
  arrived,
  type Burst,
  excused,
  type HeartbeatState,
  heard,
  heartbeatStep,
  newBurst,
  newHeartbeat,
  pinged,
  ponged,
  wrote,
} from '../../policy/pacing/heartbeat.ts';
import { encodeFrame } from '../../ws/frame.ts';
import { nextMask } from '../../ws/mask-source.ts';
import { opcodes } from '../../ws/opcode.ts';
import type { Half } from './half.ts';

type HeartbeatSpec = NonNullable<RouteSpec['heartbeat']>;

/** Marks this process's pings, so that a pong of the edge's own is told from an application's. */
const ownMark = randomBytes(4).readUInt32BE();

/** A heartbeat for another process, whose clock is another one: times are distances from now, milliseconds. */
export interface HeartbeatMemory {
  readonly mark: number;
  readonly sequence: number;
  readonly dueInMs: number;
  readonly awaiting: boolean;
  readonly sentAgoMs: number | null;
  readonly forgiven: boolean;
  readonly rttMs: number | null;
  readonly burst: { readonly bytes: number; readonly agoMs: number; readonly sincePingBytes: number };
}

/**
 * The pings of the edge to one endpoint (RFC 6455, 5.5.2): the frames to the policy's decisions. All times are
 * monotonic.
 */
export class Heartbeat {
  readonly spec: HeartbeatSpec;
  readonly #state: HeartbeatState;
  readonly #burst: Burst;
  #sequence = 0;
  /** Of the process that began the connection. */
  #mark = ownMark;

  constructor(spec: HeartbeatSpec, nowMs: number, random: number) {
    this.spec = spec;
    this.#state = newHeartbeat(spec, nowMs, random);
    this.#burst = newBurst(nowMs);
  }

  /** Round trip of the last ping that was answered; null before. */
  get rttMs(): number | null {
    return this.#state.rttMs;
  }

  /** When to look again. */
  get dueMs(): number {
    return this.#state.dueMs;
  }

  step(nowMs: number): 'wait' | 'ping' | 'lost' {
    return heartbeatStep(this.#state, nowMs);
  }

  memory(nowMs: number): HeartbeatMemory {
    const { dueMs, awaiting, sentMs, forgiven, rttMs } = this.#state;
    const { bytes, atMs, sincePingBytes } = this.#burst;
    return {
      mark: this.#mark,
      sequence: this.#sequence,
      dueInMs: dueMs - nowMs,
      awaiting,
      sentAgoMs: sentMs === null ? null : nowMs - sentMs,
      forgiven,
      rttMs,
      burst: { bytes, agoMs: nowMs - atMs, sincePingBytes },
    };
  }

  /** Beats on where another process's heartbeat stood. */
  remember(memory: HeartbeatMemory, nowMs: number): void {
    const { awaiting, forgiven, rttMs, sentAgoMs, burst } = memory;
    this.#mark = memory.mark;
    this.#sequence = memory.sequence;
    const sentMs = sentAgoMs === null ? null : nowMs - sentAgoMs;
    Object.assign(this.#state, { dueMs: nowMs + memory.dueInMs, awaiting, sentMs, forgiven, rttMs });
    const { bytes, agoMs, sincePingBytes } = burst;
    Object.assign(this.#burst, { bytes, atMs: nowMs - agoMs, sincePingBytes });
  }

  /** Skips a beat. */
  postpone(nowMs: number): void {
    this.#state.dueMs = nowMs + this.spec.everyMs;
  }

  /** The next ping frame; from now on a sign of life is awaited. `mask` is null for pings to a client. */
  ping(nowMs: number, mask: Uint8Array | null): Uint8Array {
    this.#sequence = (this.#sequence + 1) >>> 0;
    pinged(this.#state, this.spec, nowMs, aheadOfPing(this.#burst, nowMs));
    const payload = Buffer.allocUnsafe(8);
    payload.writeUInt32BE(this.#mark);
    payload.writeUInt32BE(this.#sequence, 4);
    return encodeFrame({ opcode: opcodes.ping, mask, payload });
  }

  /**
   * Is the pong an answer to a ping of ours? One to an older ping is, too, but only the last one's tells the round
   * trip.
   */
  takes(payload: Uint8Array, nowMs: number): boolean {
    if (payload.length !== 8) return false;
    const pong = Buffer.from(payload.buffer, payload.byteOffset, 8);
    const sequence = pong.readUInt32BE(4);
    if (pong.readUInt32BE(0) !== this.#mark) return false;
    if (sequence > this.#sequence || sequence === 0) return false;
    if (sequence === this.#sequence) {
      ponged(this.#state, nowMs);
      arrived(this.#burst);
    }
    return true;
  }

  /** The endpoint has sent something. True when a sign of life was awaited. */
  heard(nowMs: number, random: () => number): boolean {
    if (!this.#state.awaiting) return false;
    heard(this.#state, this.spec, nowMs, random());
    return true;
  }

  /** So many bytes go to the endpoint. */
  wrote(bytes: number, nowMs: number): void {
    wrote(this.#burst, bytes, nowMs);
  }

  /** The endpoint is not being read, for reasons of the edge's. */
  excuse(nowMs: number): void {
    excused(this.#state, this.spec, nowMs);
  }
}

/** Sends a ping when one is due. */
export function beat(
  heartbeat: Heartbeat | null,
  toward: Half,
  clocks: { readonly wheel: { readonly nowMs: number }; monotonicMs(): number },
): void {
  const { nowMs } = clocks.wheel;
  if (heartbeat === null || heartbeat.step(nowMs) !== 'ping') return;
  // A reader that is behind would answer late for no fault of the line; the slow-consumer deadline watches it.
  if (toward.blocked) heartbeat.postpone(nowMs);
  else toward.insertControl(heartbeat.ping(clocks.monotonicMs(), toward.from === 'client' ? nextMask() : null));
}
