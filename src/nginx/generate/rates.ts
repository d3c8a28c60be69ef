/** Rates as limit_req_zone takes them: whole numbers for a second or a minute. */

/** Rounded to what nginx can write, never to nothing: 20 becomes `20r/s`, 0.5 `30r/m`, 0.001 `1r/m`. */
export function formatRate(perSecond: number): string {
  if (Number.isInteger(perSecond)) return `${perSecond}r/s`;
  const perMinute = Math.max(1, Math.round(perSecond * 60));
  // nginx multiplies by 1000 and keeps a 32-bit number; above this a fraction of a second's rate does not matter.
  return perMinute > 60_000 ? `${Math.round(perSecond)}r/s` : `${perMinute}r/m`;
}

/** True when nginx's rate is not the one asked for. */
export function isRounded(perSecond: number): boolean {
  return !Number.isInteger(perSecond) && Math.abs(perSecond * 60 - Math.round(perSecond * 60)) > 1e-9;
}
