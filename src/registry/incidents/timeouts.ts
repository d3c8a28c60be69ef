import { knownHops } from '../../base/hop.ts';

/** Timers fire late, and one round trip lies between the hop and the edge. */
const earlyMs = 300;
const lateMs = 2000;

/** Whose timeout lets a connection live silent for this long: all known hops with that one. */
export function timeoutNear(silentMs: number): { readonly seconds: number; readonly whose: string } | null {
  const near = knownHops.filter(
    ({ idleTimeoutMs: ms }) => ms !== null && silentMs >= ms - earlyMs && silentMs <= ms + lateMs,
  );
  const ms = near[0]?.idleTimeoutMs;
  if (ms == null) return null;
  const whose = near
    .filter(({ idleTimeoutMs }) => idleTimeoutMs === ms)
    .map(({ label, setting }) => (setting === undefined ? label : `${label} (${setting})`));
  return { seconds: ms / 1000, whose: whose.join(' or ') };
}
