import type { Backlog, Wire } from './wire.ts';

/** Who takes less than this before the deadline takes nothing that is worth waiting for: at ten seconds, 13 kbit/s. */
const progressBytesMin = 16_384;

/** A target that has fallen behind by more than its buffer: stuck, or slow and still reading. */
export class Lag {
  /** When it was last seen to take something, on the wheel's clock. */
  sinceMs: number;
  #backlog: Backlog;

  constructor(target: Wire, nowMs: number) {
    this.sinceMs = nowMs;
    this.#backlog = target.backlog;
  }

  /** True when it has taken next to nothing for so long. Counts from `nowMs` again when it has. */
  isStuck(target: Wire, nowMs: number, deadlineMs: number): boolean {
    if (nowMs - this.sinceMs < deadlineMs) return false;
    const before = this.#backlog;
    const now = target.backlog;
    const taken = before.queuedBytes - now.queuedBytes;
    // The stream counts what it has handed over until all of it has left; the system's queue shows the part that has.
    const leaving = taken <= 0 ? before.leavingBytes - now.leavingBytes : 0;
    if (Math.max(taken, leaving) < progressBytesMin) return true;
    this.#backlog = now;
    this.sinceMs = nowMs;
    return false;
  }
}
