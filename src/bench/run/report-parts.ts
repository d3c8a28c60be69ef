/**
 * What a report tells beyond one load: phases, storms and the search for a limit. Plain values, the same for all
 * outputs.
 */

import type { ThresholdVerdict } from '../scenario/thresholds.ts';
import type { LatencyReport } from './latency.ts';

/** One phase of a run; times are on the clock of the series' `atMs`. */
export interface PhaseReport {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Null where the phase sent nothing. */
  readonly latency: LatencyReport | null;
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** Open connections at its end. */
  readonly open: number;
  readonly thresholds: readonly ThresholdVerdict[];
}

/** How clients came back: each waits `firstMs`, then twice as long each time up to `maxMs`, less a random share. */
export interface BackoffReport {
  /** 0: at once, and again at once. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** From 0 (all alike) to 1 (anything between nothing and the whole wait). */
  readonly jitter: number;
}

/** One row for each step of the curve; counts are since the row before, `open` is at its end. */
export interface StormRow {
  /** Milliseconds since the storm began. */
  readonly atMs: number;
  readonly open: number;
  readonly attempts: number;
  readonly returned: number;
  readonly refused: number;
}

/** Connections dropped together, and how they came back. */
export interface StormReport {
  readonly phase: string | null;
  /** On the clock of the series' `atMs`. */
  readonly atMs: number;
  /**
   * Null when the clients themselves cut their connections; otherwise what was run, and its exit code (null: a signal).
   */
  readonly command: { readonly line: string; readonly exitCode: number | null } | null;
  readonly backoff: BackoffReport;
  readonly openBefore: number;
  readonly dropped: number;
  readonly attempts: number;
  readonly returned: number;
  /** How often each reason refused a client that came back. */
  readonly refused: Readonly<Record<string, number>>;
  /** From the beginning until as many were open again as before; null: not within the phase. */
  readonly recoveredMs: number | null;
  /** From each client's drop until it was back, in microseconds like every latency. */
  readonly away: LatencyReport;
  readonly curve: readonly StormRow[];
}

/** The most that kept every threshold. */
export interface SearchReport {
  readonly of: 'connections' | 'rate';
  /** Null: not even the least did. */
  readonly best: number | null;
  /** The generator, and not the target, ended the search. */
  readonly limitedByGenerator: boolean;
  readonly steps: readonly SearchStep[];
}

export interface SearchStep {
  readonly value: number;
  readonly kept: boolean;
  readonly thresholds: readonly ThresholdVerdict[];
  /** What made the generator itself the limit, if anything did. */
  readonly generatorLimits: readonly string[];
}
