import { ranked } from '../ranking.ts';

/**
 * How many servers of an upstream passive signs alone may take out: never more than half. A network fault on the edge's
 * own side, or a client that makes every server fail, looks like the failure of all of them; half of the servers then
 * still get clients.
 */
export function ejectedAtMost(servers: number): number {
  return Math.floor(servers / 2);
}

/** The candidates that may really be ejected: the surest ones, by `certainty`, within the bound. */
export function boundedEjection<Server>(
  candidates: readonly Server[],
  servers: number,
  certainty: (server: Server) => number,
): ReadonlySet<Server> {
  const most = ejectedAtMost(servers);
  if (candidates.length <= most) return new Set(candidates);
  return new Set(ranked(candidates, (candidate) => -certainty(candidate)).slice(0, most));
}
