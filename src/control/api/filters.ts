import type { z } from '@hono/zod-openapi';
import { HoldlineError } from '../../base/error.ts';
import { nearest } from '../../base/nearest.ts';
import type { EdgePlan } from '../../plan/edge/plan.ts';
import { type ConnectionFilter, isEmptyFilter } from '../../registry/filter.ts';
import type { Target } from '../workers/messages.ts';
import type { filterQuery } from './schemas.ts';

/** The filter that query parameters describe. */
export function filterOf(query: z.infer<typeof filterQuery>): ConnectionFilter {
  const { tag, compressed, route, upstream, server, client, origin, host, state, minAgeMs, idleForMs } = query;
  return {
    route,
    upstream,
    server,
    client,
    origin,
    host,
    state,
    minAgeMs,
    idleForMs,
    ...(compressed === undefined ? {} : { compressed: compressed === 'true' }),
    ...(tag === undefined ? {} : { tags: Object.fromEntries([tag].flat().map(tagOf)) }),
  };
}

/** All that match; refuses to mean everybody unless that is said. */
export function targetOf(body: { readonly filter: ConnectionFilter; readonly all: boolean }): Target {
  if (isEmptyFilter(body.filter) && !body.all) {
    throw new HoldlineError('filter-empty', 'the filter is empty, which would mean every connection');
  }
  return { filter: body.filter };
}

/**
 * For a filter that has found nothing: throws when it names a route or an upstream that the spec does not have, which is a slip of
 * whoever typed it. Those that a reload has removed may still hold connections, and so are only known by having some.
 */
export function checkNames(filter: ConnectionFilter, plan: Pick<EdgePlan, 'routes' | 'upstreams'>): void {
  const known = { route: plan.routes, upstream: plan.upstreams };
  for (const kind of ['route', 'upstream'] as const) {
    const wanted = filter[kind];
    const names = known[kind].map(({ name }) => name);
    if (wanted === undefined || names.includes(wanted)) continue;
    const meant = nearest(wanted, names);
    const hint = meant === undefined ? `there are ${names.slice(0, 8).join(', ')}` : `did you mean ${meant}?`;
    throw new HoldlineError('filter-unknown-name', `no ${kind} is called "${wanted}"; ${hint}`);
  }
}

/** `name:value`, or a name alone. */
function tagOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
