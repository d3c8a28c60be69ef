import { randomBytes } from 'node:crypto';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import {
  type HeartbeatState,
  heardInsideFrame,
  heartbeatStep,
  newHeartbeat,
  pinged,
  ponged,
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
  #sequence = 0;

  constructor(spec: HeartbeatSpec, nowMs: number, random: number) {
    this.spec = spec;
    this.#state = newHeartbeat(spec, nowMs, random);
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

  /** The next ping frame; from now on its pong is awaited. `mask` is null for pings to a client. */
  ping(nowMs: number, mask: Uint8Array | null): Uint8Array {
    this.#sequence = (this.#sequence + 1) >>> 0;
    pinged(this.#state, this.spec, nowMs);
    const payload = Buffer.allocUnsafe(8);
    payload.set(mark);
    payload.writeUInt32BE(this.#sequence, 4);
    return encodeFrame({ opcode: opcodes.ping, mask, payload });
  }

  /** Is the pong an answer to a ping of ours? One to an older ping is, too, but only the last one's counts. */
  takes(payload: Uint8Array, nowMs: number, random: number): boolean {
    if (payload.length !== 8 || mark.compare(payload, 0, 4) !== 0) return false;
    const sequence = Buffer.from(payload.buffer, payload.byteOffset, 8).readUInt32BE(4);
    if (sequence > this.#sequence || sequence === 0) return false;
    if (sequence === this.#sequence) ponged(this.#state, this.spec, nowMs, random);
    return true;
  }

  /** Part of a frame came: the endpoint lives, and could not have put a pong inside it. */
  heardInsideFrame(nowMs: number): void {
    heardInsideFrame(this.#state, this.spec, nowMs);
  }
}
