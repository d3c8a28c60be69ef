import type { Ended } from './incident.ts';

/** Connections that ended together, gathered until it is over. */
export interface CloseBurst {
  readonly rows: readonly Ended[];
  /** All of them, those that were not kept included. */
  readonly count: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Fewer than this are not "many", on whatever edge. */
export const burstMin = 20;
/** More than this many times what has been usual. */
const timesUsual = 5;
/** A person who looks at the clock calls this "at once"; a reload of a proxy and the fall of a server take less. */
const windowMs = 5000;
/** What is usual is learnt from this long before. */
const usualMs = 300_000;
/** Over when nothing belonging to it came for this long, or when it lasts as long as a whole deploy of a server. */
const quietMs = 2000;
const lengthMaxMs = 30_000;
/** Enough to name by; the rest is counted. About a megabyte. */
const rowsMax = 5000;

/** Says when connections end in a burst. Time is that of the ends, and of the ticks when nothing ends. */
export class BurstDetector {
  /** Times of unwanted ends of the last five minutes, and how many of them ended in each second. */
  readonly #perSecond = new Map<number, number>();
  #recent: Ended[] = [];
  #usual = { second: Number.NaN, count: 0 };
  #burst: { rows: Ended[]; count: number; fromMs: number; toMs: number } | null = null;

  add(ended: Ended): void {
    if (!isUnwanted(ended)) return;
    const { endedAtMs } = ended;
    const second = Math.floor(endedAtMs / 1000);
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1);
    if (this.#burst !== null) {
      this.#burst.count++;
      if (this.#burst.rows.length < rowsMax) this.#burst.rows.push(ended);
      this.#burst.fromMs = Math.min(this.#burst.fromMs, endedAtMs);
      this.#burst.toMs = Math.max(this.#burst.toMs, endedAtMs);
      return;
    }
    this.#recent.push(ended);
    if (this.#recent.length > rowsMax) this.#recent.shift();
    while (this.#recent.length > 0 && endedAtMs - this.#recent[0]!.endedAtMs > windowMs) this.#recent.shift();
    if (this.#recent.length < burstMin || this.#recent.length < timesUsual * this.#usualAt(second)) return;
    const rows = this.#recent;
    this.#recent = [];
    const times = rows.map((row) => row.endedAtMs);
    this.#burst = { rows, count: rows.length, fromMs: Math.min(...times), toMs: Math.max(...times) };
  }

  /** The burst that is over by now, once; null when there is none. Call it about once a second. */
  tick(nowMs: number): CloseBurst | null {
    for (const second of this.#perSecond.keys()) if (second * 1000 < nowMs - usualMs) this.#perSecond.delete(second);
    const burst = this.#burst;
    if (burst === null) return null;
    if (nowMs - burst.toMs < quietMs && nowMs - burst.fromMs < lengthMaxMs) return null;
    this.#burst = null;
    return burst;
  }

  /**
   * Ends in five seconds as it has been in the minutes before those five; worked out once a second, not for each end.
   */
  #usualAt(nowSecond: number): number {
    if (this.#usual.second !== nowSecond) this.#usual = { second: nowSecond, count: this.#usualIn(nowSecond * 1000) };
    return this.#usual.count;
  }

  #usualIn(nowMs: number): number {
    let sum = 0;
    for (const [second, count] of this.#perSecond) {
      const before = nowMs - second * 1000;
      if (before > windowMs && before <= usualMs) sum += count;
    }
    return (sum * windowMs) / (usualMs - windowMs);
  }
}

/** People who leave and operators who close are no accident, however many they are. */
export function isUnwanted({ by, cause, code }: Ended): boolean {
  if (by === 'operator') return false;
  return !(cause === 'client-close' && (code === 1000 || code === 1001 || code === 1005));
}
