import { randomBytes } from 'node:crypto';
import type { RouteSpec } from '../plan/edge.ts';
import { encodeFrame } from '../ws/frame.ts';
import { opcodes } from '../ws/opcode.ts';

type HeartbeatSpec = NonNullable<RouteSpec['heartbeat']>;

/** Marks this process's pings, so that a pong of the edge's own is told from an application's. */
const mark = randomBytes(4);

/** What the connection has to do next about its heartbeat. */
export type Beat = 'wait' | 'ping' | 'lost';

/** The pings of the edge to one endpoint (RFC 6455, 5.5.2): when the next is due, what its answer looks like, how long it took. */
export class Heartbeat {
  /** Round trip of the last ping that was answered. */
  rttMs: number | null = null;
  /** When to ask again. */
  dueMs: number;

  readonly spec: HeartbeatSpec;
  #sequence = 0;
  #sentMs = -1;

  /** The first beat comes at a random moment of the interval: connections that were opened together must not beat together. */
  constructor(spec: HeartbeatSpec, nowMs: number, random: number) {
    this.spec = spec;
    this.dueMs = nowMs + spec.everyMs * (0.5 + random / 2);
  }

  /** `lost` when the outstanding ping is overdue. */
  beat(nowMs: number): Beat {
    if (nowMs < this.dueMs) return 'wait';
    return this.#sentMs < 0 ? 'ping' : 'lost';
  }

  /** Skips a beat. */
  postpone(nowMs: number): void {
    this.dueMs = nowMs + this.spec.everyMs;
  }

  /** The next ping frame; from now on its pong is awaited. `mask` is null for pings to a client. */
  ping(nowMs: number, mask: Uint8Array | null): Uint8Array {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#sentMs = nowMs;
    this.dueMs = nowMs + this.spec.timeoutMs;
    const payload = Buffer.allocUnsafe(8);
    payload.set(mark);
    payload.writeUInt32BE(this.#sequence, 4);
    return encodeFrame({ opcode: opcodes.ping, mask, payload });
  }

  /** Is the pong an answer to a ping of ours? If it answers the last one, the next beat is planned. */
  takes(payload: Uint8Array, nowMs: number, random: number): boolean {
    if (payload.length !== 8 || mark.compare(payload, 0, 4) !== 0) return false;
    const sequence = Buffer.from(payload.buffer, payload.byteOffset, 8).readUInt32BE(4);
    if (sequence > this.#sequence || sequence === 0) return false;
    if (sequence === this.#sequence && this.#sentMs >= 0) {
      this.rttMs = nowMs - this.#sentMs;
      this.#sentMs = -1;
      this.dueMs = nowMs + this.spec.everyMs * (0.9 + random / 5);
    }
    return true;
  }
}
