import type { EdgePlan } from '../../../plan/edge/model.ts';
import type { Totals } from '../../../registry/totals.ts';
import type { ServerRow } from '../../servers/entry.ts';

/**
 * The servers of the plan. Stock nginx does not tell whom it passes over, so all are taken for up; complaints about
 * them are events.
 */
export function serverRows({ upstreams }: EdgePlan, { openByServer }: Totals, sinceMs: number): ServerRow[] {
  return upstreams.flatMap(({ name, servers }) =>
    servers.map(({ url, weight, connectionsMax }) => ({
      upstream: name,
      url,
      state: 'up' as const,
      reason: '',
      sinceMs,
      origin: 'spec' as const,
      weight,
      share: 1,
      connectionsMax,
      connections: openByServer[url] ?? 0,
      check: null,
      unsaved: null,
    })),
  );
}
