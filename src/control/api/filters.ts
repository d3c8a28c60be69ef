import type { z } from '@hono/zod-openapi';
import { HoldlineError } from '../../base/error.ts';
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

/** `name:value`, or a name alone. */
function tagOf(text: string): [string, string] {
  const colon = text.indexOf(':');
  return colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
