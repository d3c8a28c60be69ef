import type { RouteLimitsSpec } from '../../plan/edge/plan.ts';
import { countedMessages, newVolume, spendVolume, type VolumeState } from '../../policy/pacing/volume.ts';
import type { Traffic } from './half.ts';

/** What a client has used of its rates, for another process: times are distances from now, milliseconds. */
export interface VolumeMemory {
  readonly messages: number;
  readonly bytes: number;
  readonly agoMs: number;
  readonly overSinceAgoMs: number | null;
  /** null while the client is not held. */
  readonly resumeInMs: number | null;
}

/**
 * Holds one client to its messages and bytes per second: says when to stop reading, when to go on, and when to give up.
 */
export class Volume {
  /** When reading may go on; Infinity while it is not held. */
  resumeMs = Number.POSITIVE_INFINITY;

  readonly limits: RouteLimitsSpec;
  readonly #state: VolumeState;

  constructor(limits: RouteLimitsSpec, nowMs: number) {
    this.limits = limits;
    this.#state = newVolume(limits, nowMs);
  }

  /** True while nothing is to be read. */
  get holding(): boolean {
    return this.resumeMs !== Number.POSITIVE_INFINITY;
  }

  spend(bytes: number, traffic: Traffic, nowMs: number): 'go' | 'hold' | 'close' {
    const messages = countedMessages(bytes, traffic);
    const decision = spendVolume(this.#state, this.limits, { bytes, messages }, nowMs);
    if (decision.action !== 'pause') return decision.action;
    this.resumeMs = nowMs + decision.pauseMs;
    return 'hold';
  }

  memory(nowMs: number): VolumeMemory {
    const { messages, bytes, atMs, overSinceMs } = this.#state;
    return {
      messages,
      bytes,
      agoMs: nowMs - atMs,
      overSinceAgoMs: overSinceMs === null ? null : nowMs - overSinceMs,
      resumeInMs: this.holding ? this.resumeMs - nowMs : null,
    };
  }

  remember(memory: VolumeMemory, nowMs: number): void {
    const { messages, bytes, agoMs, overSinceAgoMs, resumeInMs } = memory;
    const overSinceMs = overSinceAgoMs === null ? null : nowMs - overSinceAgoMs;
    Object.assign(this.#state, { messages, bytes, atMs: nowMs - agoMs, overSinceMs });
    this.resumeMs = resumeInMs === null ? Number.POSITIVE_INFINITY : nowMs + resumeInMs;
  }

  /** True when the hold is over. */
  release(nowMs: number): boolean {
    if (nowMs < this.resumeMs) return false;
    this.resumeMs = Number.POSITIVE_INFINITY;
    return true;
  }
}

/** Most routes have no such limit, and then a connection has no such state. */
export function volumeFor(limits: RouteLimitsSpec, nowMs: number): Volume | null {
  return limits.messagesPerSecond === null && limits.bytesPerSecond === null ? null : new Volume(limits, nowMs);
}
