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
import { opcodes } from '../../ws/opcode.ts';

type HeartbeatSpec = NonNullable<RouteSpec['heartbeat']>;

/** Marks this process's pings, so that a pong of the edge's own is told from an application's. */
const mark = randomBytes(4);

/** The pings of the edge to one endpoint (RFC 6455, 5.5.2): the frames to the policy's decisions. All times are monotonic. */
export class Heartbeat {
  readonly spec: HeartbeatSpec;
  readonly #state: HeartbeatState;
  readonly #burst: Burst;
  #sequence = 0;

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

  /** Skips a beat. */
  postpone(nowMs: number): void {
    this.#state.dueMs = nowMs + this.spec.everyMs;
  }

  /** The next ping frame; from now on a sign of life is awaited. `mask` is null for pings to a client. */
  ping(nowMs: number, mask: Uint8Array | null): Uint8Array {
    this.#sequence = (this.#sequence + 1) >>> 0;
    pinged(this.#state, this.spec, nowMs, aheadOfPing(this.#burst, nowMs));
    const payload = Buffer.allocUnsafe(8);
    payload.set(mark);
    payload.writeUInt32BE(this.#sequence, 4);
    return encodeFrame({ opcode: opcodes.ping, mask, payload });
  }

  /** Is the pong an answer to a ping of ours? One to an older ping is, too, but only the last one's tells the round trip. */
  takes(payload: Uint8Array, nowMs: number): boolean {
    if (payload.length !== 8 || mark.compare(payload, 0, 4) !== 0) return false;
    const sequence = Buffer.from(payload.buffer, payload.byteOffset, 8).readUInt32BE(4);
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
