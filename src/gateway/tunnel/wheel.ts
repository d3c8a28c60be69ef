import type { Clock } from '../../base/clock.ts';

/** Something that wants to be looked at later. */
export interface Due {
  /** The tick of the wheel at which it is due; the wheel's own, -1 for none. */
  dueTick: number;
  /** Looks at its deadlines; returns when it wants to be looked at again on the monotonic clock, or Infinity. */
  onDue(nowMs: number): number;
}

/**
 * One timer for all connections of a worker. A timer for each would cost memory for every idle connection and a
 * heap operation for every message; here a message costs a number, and deadlines are looked at when they may be due.
 */
export class Wheel {
  /** Fine enough for a heartbeat timeout of a second, and 10 wake-ups a second for an idle worker. */
  static readonly tickMs = 100;

  /** The monotonic clock as of the last tick: cheap to read for every chunk, and at most a tick old. */
  nowMs: number;

  readonly #clock: Clock;
  readonly #onFault: (error: unknown, due: Due) => void;
  readonly #buckets = new Map<number, Set<Due>>();
  readonly #timer: NodeJS.Timeout;
  #tick: number;

  /**
   * `onFault` takes what an `onDue` throws, so that one connection does not take the deadlines of all others with it.
   */
  constructor(clock: Clock, onFault: (error: unknown, due: Due) => void) {
    this.#clock = clock;
    this.#onFault = onFault;
    this.nowMs = clock.monotonicMs();
    this.#tick = Math.floor(this.nowMs / Wheel.tickMs);
    this.#timer = setInterval(() => this.#turn(), Wheel.tickMs);
  }

  /** Looks at `due` at `atMs` or up to a tick later. An earlier appointment stays; a later one is moved forward. */
  schedule(due: Due, atMs: number): void {
    if (atMs === Infinity) return;
    const tick = Math.max(this.#tick + 1, Math.ceil(atMs / Wheel.tickMs));
    if (due.dueTick !== -1 && due.dueTick <= tick) return;
    this.forget(due);
    due.dueTick = tick;
    const bucket = this.#buckets.get(tick);
    if (bucket === undefined) this.#buckets.set(tick, new Set([due]));
    else bucket.add(due);
  }

  /** Drops its appointment, which may be hours away: the wheel must not keep alive what is over. */
  forget(due: Due): void {
    if (due.dueTick === -1) return;
    const bucket = this.#buckets.get(due.dueTick);
    bucket?.delete(due);
    if (bucket?.size === 0) this.#buckets.delete(due.dueTick);
    due.dueTick = -1;
  }

  /** Appointments that are kept. */
  get size(): number {
    let size = 0;
    for (const bucket of this.#buckets.values()) size += bucket.size;
    return size;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#buckets.clear();
  }

  #turn(): void {
    this.nowMs = this.#clock.monotonicMs();
    const last = Math.floor(this.nowMs / Wheel.tickMs);
    while (this.#tick < last) {
      this.#tick++;
      const bucket = this.#buckets.get(this.#tick);
      if (bucket === undefined) continue;
      this.#buckets.delete(this.#tick);
      for (const due of bucket) {
        // Whoever was moved or forgotten while the others were looked at is not due any more.
        if (due.dueTick !== this.#tick) continue;
        due.dueTick = -1;
        try {
          this.schedule(due, due.onDue(this.nowMs));
        } catch (error) {
          this.#onFault(error, due);
        }
      }
    }
  }
}
