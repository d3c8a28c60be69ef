import type { Clock } from '../../base/clock.ts';
import type { TapAnswer, TapRow } from '../../registry/tap.ts';
import type { Half } from '../tunnel/half.ts';
import { type TapAudience, TapListener } from './tap-listener.ts';

/** What may wait for one viewer: two seconds of a connection that is worth looking at, some 60 kB. */
export const tapRowsMax = 500;
/** A viewer that has not asked for so long is gone. It asks twice a second. */
export const tapPatienceMs = 5000;

/** What of a connection a tap needs. */
export interface TapTarget {
  readonly id: string;
  readonly state: 'open' | 'closing';
  readonly directions: readonly Pick<Half, 'from' | 'source'>[];
}

interface Viewer {
  rows: TapRow[];
  missed: number;
  askedAtMs: number;
}

interface Tapped {
  readonly viewers: Map<string, Viewer>;
  readonly audience: Audience;
  listeners: readonly TapListener[];
}

/** The viewers of one connection, as its listeners see them. */
class Audience implements TapAudience {
  readonly #viewers: ReadonlyMap<string, Viewer>;
  isFull = false;
  /** Missed by all of them, and not told to each yet. */
  #missed = 0;

  constructor(viewers: ReadonlyMap<string, Viewer>) {
    this.#viewers = viewers;
  }

  note(row: TapRow): void {
    let full = true;
    for (const viewer of this.#viewers.values()) {
      if (viewer.rows.length < tapRowsMax) viewer.rows.push(row);
      else viewer.missed++;
      if (viewer.rows.length < tapRowsMax) full = false;
    }
    this.isFull = full;
  }

  miss(count: number): void {
    this.#missed += count;
  }

  /**
   * Somebody comes, or is about to take what waits for him: what all have missed is told to each, and there is room
   * again.
   */
  settle(): void {
    if (this.#missed > 0) for (const viewer of this.#viewers.values()) viewer.missed += this.#missed;
    this.#missed = 0;
    this.isFull = false;
  }
}

export interface TapsOptions {
  readonly find: (id: string) => TapTarget | undefined;
  readonly clock: Clock;
}

/** Who looks at which connection of this worker. A viewer begins by asking and ends by asking no more. */
export class Taps {
  readonly #options: TapsOptions;
  readonly #tapped = new Map<string, Tapped>();
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(options: TapsOptions) {
    this.#options = options;
  }

  /**
   * What came since this viewer asked last; null when the connection is not here, and nothing of it is left to tell.
   */
  ask(id: string, name: string): TapAnswer | null {
    const connection = this.#options.find(id);
    const askedAtMs = this.#options.clock.monotonicMs();
    if (connection === undefined && !this.#tapped.get(id)?.viewers.has(name)) return null;
    const tapped = this.#tappedOf(id);
    tapped.audience.settle();
    const viewer = tapped.viewers.get(name) ?? { rows: [], missed: 0, askedAtMs };
    tapped.viewers.set(name, viewer);
    // Again each time: a connection that was given another server has another wire.
    if (connection !== undefined) this.#attach(tapped, connection);
    else this.leave(id, name);
    const { rows, missed } = viewer;
    Object.assign(viewer, { rows: [], missed: 0, askedAtMs });
    return { rows, missed, ended: connection === undefined };
  }

  leave(id: string, name: string): void {
    const tapped = this.#tapped.get(id);
    tapped?.viewers.delete(name);
    if (tapped === undefined || tapped.viewers.size > 0) return;
    this.#tapped.delete(id);
    for (const listener of tapped.listeners) listener.leave();
    if (this.#tapped.size === 0) this.close();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #tappedOf(id: string): Tapped {
    this.#timer ??= setInterval(() => this.#forget(), tapPatienceMs / 5);
    let tapped = this.#tapped.get(id);
    if (tapped === undefined) {
      const viewers = new Map<string, Viewer>();
      tapped = { viewers, audience: new Audience(viewers), listeners: [] };
      this.#tapped.set(id, tapped);
    }
    return tapped;
  }

  #attach(tapped: Tapped, { directions, state }: TapTarget): void {
    if (state !== 'open') return;
    tapped.listeners = directions.flatMap((half) => {
      const { source } = half;
      // null: it was given to this worker a moment ago, and is not carried yet.
      if (source.listener === null || source.listener instanceof TapListener) return source.listener ?? [];
      const listener = new TapListener(half, source.listener, this.#options.clock, tapped.audience);
      source.listener = listener;
      return [listener];
    });
  }

  #forget(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, { viewers }] of [...this.#tapped])
      for (const [name, { askedAtMs }] of [...viewers]) if (nowMs - askedAtMs > tapPatienceMs) this.leave(id, name);
  }
}
