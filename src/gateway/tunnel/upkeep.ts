import type { RouteSpec } from '../../plan/edge/plan.ts';
import { lifetimeEndMs } from '../../policy/pacing/lifetime.ts';
import type { Half } from './half.ts';
import { Heartbeat, type HeartbeatMemory } from './heartbeat.ts';
import { type Volume, type VolumeMemory, volumeFor } from './volume.ts';

/** Why the edge itself ends a connection, as a matter of time or amount. */
export type UpkeepCause = 'slow-consumer' | 'heartbeat-lost' | 'idle-timeout' | 'lifetime' | 'message-rate';

export type Side = 'client' | 'server';

/** Of the connection, at the moment of asking. */
export interface Pulse {
  /** Last data frame in either direction. */
  readonly lastDataMs: number;
  readonly directions: readonly Half[];
}

/** What is kept of a connection's life, for another process: times are distances from now, milliseconds. */
export interface UpkeepMemory {
  readonly ageMs: number;
  /** null for a route without a lifetime. */
  readonly endsInMs: number | null;
  readonly heartbeats: Readonly<Record<Side, HeartbeatMemory | null>>;
  readonly volume: VolumeMemory | null;
}

const never = Number.POSITIVE_INFINITY;
const silent = { client: null, server: null } as const;

/**
 * What a route asks of a connection's life: heartbeats, lifetime, idle timeout, pace of messages. Times are monotonic.
 */
export class Upkeep {
  /** By the side that is pinged. */
  heartbeats: Readonly<Record<Side, Heartbeat | null>> = silent;
  volume: Volume | null = null;

  #startedMs: number;
  #route: RouteSpec | null = null;
  #lifetimeEndsMs = never;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
  }

  /** Takes over a route's settings. What did not change goes on as it was: a reload must not start anything anew. */
  follow(route: RouteSpec, nowMs: number, random: () => number): void {
    const before = this.#route;
    this.#route = route;
    const { heartbeat, lifetimeMs, limits } = route;
    if (!sameHeartbeat(heartbeat, before?.heartbeat ?? null)) {
      const newHeartbeat = () => new Heartbeat(heartbeat!, nowMs, random());
      this.heartbeats =
        heartbeat === null ? silent : { client: newHeartbeat(), server: heartbeat.server ? newHeartbeat() : null };
    }
    if (lifetimeMs !== (before?.lifetimeMs ?? null)) {
      this.#lifetimeEndsMs = lifetimeMs === null ? never : lifetimeEndMs(this.#startedMs, lifetimeMs, random());
    }
    const samePace =
      limits.messagesPerSecond === (before?.limits.messagesPerSecond ?? null) &&
      limits.bytesPerSecond === (before?.limits.bytesPerSecond ?? null);
    if (!samePace) this.volume = volumeFor(limits, nowMs);
  }

  memory(nowMs: number): UpkeepMemory {
    const { client, server } = this.heartbeats;
    return {
      ageMs: nowMs - this.#startedMs,
      endsInMs: this.#lifetimeEndsMs === never ? null : this.#lifetimeEndsMs - nowMs,
      heartbeats: { client: client?.memory(nowMs) ?? null, server: server?.memory(nowMs) ?? null },
      volume: this.volume?.memory(nowMs) ?? null,
    };
  }

  /** Goes on where another process stood, as far as the route still asks for it. After `follow`. */
  remember(memory: UpkeepMemory, nowMs: number): void {
    this.#startedMs = nowMs - memory.ageMs;
    if (memory.endsInMs !== null && this.#lifetimeEndsMs !== never) this.#lifetimeEndsMs = nowMs + memory.endsInMs;
    for (const side of ['client', 'server'] as const) {
      const before = memory.heartbeats[side];
      if (before !== null) this.heartbeats[side]?.remember(before, nowMs);
    }
    if (memory.volume !== null) this.volume?.remember(memory.volume, nowMs);
  }

  /** The first reason to end the connection now, or null. */
  overdue(nowMs: number, pulse: Pulse): UpkeepCause | null {
    const { limits, idleTimeoutMs } = this.#route!;
    const isSlow = ({ lag, target }: Half) => lag?.isStuck(target, nowMs, limits.slowConsumerMs) === true;
    if (pulse.directions.some(isSlow)) return 'slow-consumer';
    if (pulse.directions.some((half) => this.#isLost(half, nowMs))) return 'heartbeat-lost';
    if (idleTimeoutMs !== null && nowMs - pulse.lastDataMs >= idleTimeoutMs) return 'idle-timeout';
    return nowMs >= this.#lifetimeEndsMs ? 'lifetime' : null;
  }

  /** Nobody is called lost for what the edge did not read. */
  #isLost({ from, listening }: Half, nowMs: number): boolean {
    const heartbeat = this.heartbeats[from];
    if (heartbeat === null) return false;
    if (!listening) heartbeat.excuse(nowMs);
    return heartbeat.step(nowMs) === 'lost';
  }

  /** When something may be due next. */
  nextDueMs(pulse: Pulse): number {
    const { limits, idleTimeoutMs } = this.#route!;
    let dueMs = Math.min(
      this.#lifetimeEndsMs,
      this.heartbeats.client?.dueMs ?? never,
      this.heartbeats.server?.dueMs ?? never,
      this.volume?.resumeMs ?? never,
    );
    if (idleTimeoutMs !== null) dueMs = Math.min(dueMs, pulse.lastDataMs + idleTimeoutMs);
    for (const direction of pulse.directions) {
      if (direction.lag !== null) dueMs = Math.min(dueMs, direction.lag.sinceMs + limits.slowConsumerMs);
    }
    return dueMs;
  }
}

function sameHeartbeat(a: RouteSpec['heartbeat'], b: RouteSpec['heartbeat']): boolean {
  return a === b || (a?.everyMs === b?.everyMs && a?.timeoutMs === b?.timeoutMs && a?.server === b?.server);
}
