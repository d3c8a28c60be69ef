/** heartbeat < every hop's idle timeout: whether it holds, by how much, and which hop gives way first. */
import type { Hop } from '../../base/hop.ts';

/** tight: one lost heartbeat is enough to be cut. */
export type HopVerdict = 'holds' | 'tight' | 'cuts';

export interface ChainLink extends Hop {
  readonly verdict: HopVerdict;
  /** Idle timeout minus heartbeat interval; null when there is no limit. */
  readonly marginMs: number | null;
}

export interface TimeoutChain {
  /** null: nobody sends one. */
  readonly heartbeatMs: number | null;
  readonly links: readonly ChainLink[];
  /** The hop with the shortest idle timeout; null when none has one. */
  readonly weakest: ChainLink | null;
  /** A heartbeat this long or shorter survives one loss at the weakest hop; null when any will do. */
  readonly heartbeatMsMax: number | null;
  readonly verdict: HopVerdict;
}

/**
 * Without a heartbeat every hop with a limit cuts a quiet connection. A timeout equal to the interval cuts too: it is a
 * race.
 */
export function timeoutChain(heartbeatMs: number | null, hops: readonly Hop[]): TimeoutChain {
  const links = hops.map((hop) => link(heartbeatMs, hop));
  const limited = links.filter((each) => each.idleTimeoutMs !== null);
  const weakest = limited.reduce<ChainLink | null>(
    (least, each) => (least === null || each.idleTimeoutMs! < least.idleTimeoutMs! ? each : least),
    null,
  );
  return {
    heartbeatMs,
    links,
    weakest,
    // Half the timeout, less a second for the way, so that the second heartbeat arrives in time when the first is lost.
    heartbeatMsMax:
      weakest === null ? null : Math.max(1_000, Math.floor(weakest.idleTimeoutMs! / 2_000) * 1_000 - 1_000),
    verdict: weakest?.verdict ?? 'holds',
  };
}

function link(heartbeatMs: number | null, hop: Hop): ChainLink {
  if (hop.idleTimeoutMs === null) return { ...hop, verdict: 'holds', marginMs: null };
  if (heartbeatMs === null) return { ...hop, verdict: 'cuts', marginMs: null };
  const marginMs = hop.idleTimeoutMs - heartbeatMs;
  const verdict = marginMs <= 0 ? 'cuts' : hop.idleTimeoutMs < 2 * heartbeatMs ? 'tight' : 'holds';
  return { ...hop, verdict, marginMs };
}
