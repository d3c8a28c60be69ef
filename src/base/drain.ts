/** The words of a drain that everybody shares: how fast, and whose turn it is. */
import { type Parsed, parseRate } from './units.ts';

/**
 * `oldest`: who has been there longest has had the most of it, and pages left open overnight go first. `idlest`: who is
 * silent notices least. `random`: no pattern, so that every server's and every network's share falls evenly.
 */
export const drainOrders = ['oldest', 'idlest', 'random'] as const;
export type DrainOrder = (typeof drainOrders)[number];

/** How fast connections are closed: so many a second, or a share of all that there were at the start. */
export type DrainRate = { readonly perSecond: number } | { readonly sharePerSecond: number };

/**
 * Reads `100/s`, `600/m` or `2%/s`. A rate of 0 is refused: it would be a drain that never ends, and says so nowhere.
 */
export function parseDrainRate(text: string): Parsed<DrainRate> {
  const share = /^(\d+(?:\.\d+)?)%\/([smh])$/.exec(text.trim());
  const read = parseRate(share === null ? text : `${share[1]}/${share[2]}`);
  if (!read.ok) return { ok: false, problem: `"${text}" is not a pace; write it as 100/s, 600/m or 2%/s` };
  if (!(read.value > 0)) return { ok: false, problem: `"${text}" would never close anything` };
  if (share === null) return { ok: true, value: { perSecond: read.value } };
  if (Number(share[1]) > 100) return { ok: false, problem: `"${text}" is more than all of them` };
  return { ok: true, value: { sharePerSecond: read.value / 100 } };
}

export function formatDrainRate(rate: DrainRate): string {
  const shown = (value: number) => String(Math.round(value * 1000) / 1000);
  return 'perSecond' in rate ? `${shown(rate.perSecond)}/s` : `${shown(rate.sharePerSecond * 100)}%/s`;
}

/** Closes per second for so many connections; never below one every ten seconds, so that a share of few still ends. */
export function closesPerSecond(rate: DrainRate, total: number): number {
  return 'perSecond' in rate ? rate.perSecond : Math.max(0.1, rate.sharePerSecond * total);
}
