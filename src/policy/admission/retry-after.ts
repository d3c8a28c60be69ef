/**
 * When a refused client should come back, as whole seconds for Retry-After (RFC 9110, 10.2.3), spread so that a crowd
 * does not come back as one.
 */
import type { HandshakeOutcome } from '../../base/handshake-outcome.ts';

export type AdmissionRefusal = Extract<
  HandshakeOutcome,
  'gate-closed' | 'overload' | 'connection-limit' | 'address-limit' | 'rate-limit'
>;

interface Spread {
  /** Nobody comes back before this. */
  readonly fromSeconds: number;
  /** The last ones come back this much later. */
  readonly overSeconds: number;
}

export const retrySpreads: Readonly<Record<AdmissionRefusal, Spread>> = {
  /** A gate is closed for a deployment or by hand: it is open again within a minute or not soon. */
  'gate-closed': { fromSeconds: 5, overSeconds: 25 },
  /** Memory is given back slowly, and everybody who comes early makes it worse. */
  overload: { fromSeconds: 15, overSeconds: 45 },
  /** Room appears as others leave, which takes minutes for most; half a minute is what a person still waits for. */
  'connection-limit': { fromSeconds: 10, overSeconds: 30 },
  /** The address has to close something first; programs that do not, ask seldom. */
  'address-limit': { fromSeconds: 10, overSeconds: 20 },
  /**
   * On top of the wait for the next token: the others behind the same address, or the same rush, wait for tokens too.
   */
  'rate-limit': { fromSeconds: 1, overSeconds: 14 },
};

/** More than this no client waits, and a rate of one an hour would ask for it. */
const retryAfterMaxSeconds = 3600;

/**
 * `waitMs` is how long the refusal lasts at least, where that is known; `random` is 0 <= x < 1. `overAtLeastSeconds`
 * widens the spread for a crowd that needs longer to be greeted.
 */
export function retryAfterSeconds(
  refusal: AdmissionRefusal,
  waitMs: number,
  random: number,
  overAtLeastSeconds = 0,
): number {
  const { fromSeconds } = retrySpreads[refusal];
  const overSeconds = Math.max(retrySpreads[refusal].overSeconds, overAtLeastSeconds);
  const earliest = Math.min(retryAfterMaxSeconds, Math.max(fromSeconds, Math.ceil(waitMs / 1000)));
  return earliest + Math.floor(random * (overSeconds + 1));
}
