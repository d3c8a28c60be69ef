import type { z } from '@hono/zod-openapi';
import { HoldlineError } from '../../base/error.ts';
import { nearest } from '../../base/nearest.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import { type ConnectionFilter, isEmptyFilter } from '../../registry/filter.ts';
import type { Tense } from '../../registry/language/fields.ts';
import { parseFilter } from '../../registry/language/parse.ts';
import type { Term } from '../../registry/language/term.ts';
import type { Vocabulary } from '../../registry/language/vocabulary.ts';
import type { filterQuery, filterSchema } from './schemas.ts';
import type { ControlTarget } from './target.ts';

/** The filter that query parameters describe. Throws `filter-unknown-word` and `filter-bad-value`. */
export function filterOf(query: z.infer<typeof filterQuery>, target: ControlTarget): ConnectionFilter {
  const { tag, compressed, q, route, upstream, server, client, origin, host, state, minAgeMs, idleForMs } = query;
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
    ...(q === undefined ? {} : { terms: termsOf(q, 'live', target) }),
  };
}

/** All that match; refuses to mean everybody unless that is said. */
export function manyOf(
  body: { readonly filter: z.infer<typeof filterSchema>; readonly all: boolean },
  target: ControlTarget,
): ConnectionFilter {
  const { q, ...fields } = body.filter;
  const terms = q === undefined ? [] : termsOf(q, 'live', target);
  const filter: ConnectionFilter = terms.length === 0 ? fields : { ...fields, terms };
  if (isEmptyFilter(filter) && !body.all) {
    throw new HoldlineError('filter-empty', 'the filter is empty, which would mean every connection');
  }
  return filter;
}

/** What a filter in words says; the first thing that is wrong with it is thrown. */
export function termsOf(text: string, tense: Tense, target: ControlTarget): readonly Term[] {
  const { value, diagnostics } = parseFilter(text, { tense, vocabulary: vocabularyOf(target) });
  const [first] = diagnostics;
  if (first === undefined) return value;
  throw new HoldlineError(first.code, first.message, first.help === undefined ? {} : { help: first.help });
}

export function vocabularyOf(target: ControlTarget): Vocabulary {
  const { routes, upstreams } = target.plan();
  return {
    // Routes that a reload removed may still hold connections, and have ended ones.
    route: [...new Set([...routes.map((route) => route.name), ...Object.keys(target.totals().routes)])],
    server: Object.keys(target.totals().openByServer),
    upstream: upstreams.map((upstream) => upstream.name),
    tags: [...target.chronicle.tagNames],
  };
}

/** The filter as somebody would read it in the log. */
export function wordsOf(body: { readonly filter: z.infer<typeof filterSchema>; readonly all: boolean }): string {
  const { q, tags, ...fields } = body.filter;
  const words = [
    ...(q === undefined || q === '' ? [] : [q]),
    ...Object.entries(fields).map(([name, value]) => `${name}:${value}`),
    ...Object.entries(tags ?? {}).map(([name, value]) => `tag:${name}:${value}`),
  ];
  return words.length === 0 ? 'all' : words.join(' ');
}

/**
 * For a filter that has found nothing: throws when it names a route or an upstream that the spec does not have, which
 * is a slip of whoever typed it. Those that a reload has removed may still hold connections, and so are only known by
 * having some.
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
