/** Whether quiet connections live as long as they must: what --must-hold asks. */

import type { IdleReport } from './report.ts';

/** The lanes begin a moment after the search, and end with it. */
const laneStartMs = 2000;

type Seen = Pick<IdleReport, 'kind' | 'timeoutMs' | 'maxMs' | 'lanes'>;

/** False when quiet connections are cut earlier, and when they were not watched for so long. */
export function holdsQuiet({ kind, timeoutMs, maxMs, lanes }: Seen, mustHoldMs: number): boolean {
  // The server pings, and whoever answers stays; browsers answer by themselves.
  if (kind === 'heartbeat') return true;
  if (kind !== 'none') return timeoutMs !== null && timeoutMs >= mustHoldMs;
  const longest = Math.max(0, ...lanes.filter((lane) => lane.kind === 'mute').map(({ ageMs }) => ageMs));
  // A search that was stopped has not seen what it was to see.
  return longest >= mustHoldMs || (maxMs >= mustHoldMs && longest >= maxMs - laneStartMs);
}
