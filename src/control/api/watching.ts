import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { HoldlineError } from '../../base/error.ts';
import { parseDuration } from '../../base/units.ts';
import { historyRowsMax, searchHistory } from '../../registry/history/search.ts';
import { completeFilter } from '../../registry/language/complete.ts';
import { liveEvent, snapshotOf } from '../live/now.ts';
import type { Viewers } from '../live/viewers.ts';
import { termsOf, vocabularyOf } from './filters.ts';
import { completionsSchema, eventsSchema, historySchema, snapshotSchema } from './history-schemas.ts';
import { badRequestAnswer, json } from './openapi.ts';
import { errorSchema } from './schemas.ts';
import { streamHeaders } from './stream-headers.ts';
import type { ControlTarget } from './target.ts';

const time = z
  .string()
  .max(40)
  .openapi({ description: 'milliseconds since 1970, an ISO time, or a duration before now', example: '1h' });

const history = createRoute({
  method: 'get',
  path: '/history',
  summary: 'Connections that have ended, newest first',
  request: {
    query: z.object({
      q: z.string().max(2000).default('').openapi({ description: 'a filter', example: 'user:ann cause:server-gone' }),
      since: time.optional(),
      until: time.optional(),
      limit: z.coerce.number().int().min(1).max(historyRowsMax).default(100),
      before: z.coerce.number().int().min(1).optional().openapi({ description: '"next" of the page before' }),
    }),
  },
  responses: { 200: json(historySchema, 'One page.'), ...badRequestAnswer },
});
const events = createRoute({
  method: 'get',
  path: '/events',
  summary: 'What happened: a list, or with "Accept: text/event-stream" everything as it happens',
  request: {
    query: z.object({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .optional()
        .openapi({ description: 'number of the last event that is known' }),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  responses: {
    200: json(eventsSchema, 'Oldest first; without "after", the newest.'),
    503: json(errorSchema, 'As many viewers as are allowed follow already.'),
    ...badRequestAnswer,
  },
});
const complete = createRoute({
  method: 'get',
  path: '/complete',
  summary: 'What could stand at a place in a filter',
  request: {
    query: z.object({
      text: z.string().max(2000).default(''),
      at: z.coerce.number().int().min(0).max(2000),
      of: z.enum(['live', 'ended']).default('live'),
    }),
  },
  responses: { 200: json(completionsSchema, 'Completions.'), ...badRequestAnswer },
});
const status = createRoute({
  method: 'get',
  path: '/status',
  summary: 'The edge as it is now, the last hour, and the last events',
  responses: { 200: json(snapshotSchema, 'The snapshot that a viewer begins with.') },
});

/** What happened, and what is happening. */
export function watchingRoutes(app: OpenAPIHono, target: ControlTarget, viewers: Viewers): void {
  const { chronicle } = target;

  app.openapi(history, (context) => {
    const { q, since, until, limit, before } = context.req.valid('query');
    const page = searchHistory(chronicle.ended, {
      terms: termsOf(q, 'ended', target),
      sinceMs: since === undefined ? null : timeOf(since),
      untilMs: until === undefined ? null : timeOf(until),
      limit,
      before: before ?? null,
    });
    return context.json(page as never, 200);
  });

  // Before the list: the same path, for whoever asks for a stream.
  app.get('/events', async (context, next) => {
    if (!(context.req.header('accept') ?? '').includes('text/event-stream')) return next();
    const stream = viewers.open(context.req.header('last-event-id') ?? null);
    if (stream === null)
      throw new HoldlineError('control-viewers', `${viewers.count} viewers follow this edge already`);
    return context.body(stream, 200, streamHeaders);
  });
  app.openapi(events, (context) => {
    const { after, limit } = context.req.valid('query');
    const found = chronicle.events.after(after ?? chronicle.events.newest - limit, limit);
    return context.json({ events: found.map(liveEvent) } as never, 200);
  });

  app.openapi(complete, async (context) => {
    const { text, at, of } = context.req.valid('query');
    const known = vocabularyOf(target);
    const tags =
      of === 'live' ? [...new Set([...(known.tags ?? []), ...(await target.tagNames())])].sort() : known.tags;
    const vocabulary = { ...known, ...(tags === undefined ? {} : { tags }) };
    return context.json(completeFilter(text, at, { tense: of, vocabulary }) as never, 200);
  });

  app.openapi(status, (context) => context.json(snapshotOf(target, Date.now()) as never, 200));
}

function timeOf(text: string): number {
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const duration = parseDuration(text);
  if (duration.ok) return Date.now() - duration.value;
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw new HoldlineError('control-bad-request', `"${text}" is not a time: write 1h, 2026-11-26T14:00 or milliseconds`);
}
