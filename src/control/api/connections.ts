import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { HoldlineError } from '../../base/error.ts';
import { emptyRecord } from '../../base/record.ts';
import type { EdgeMessage, SendOutcome } from '../../gateway/contract.ts';
import type { CountField } from '../../registry/counts.ts';
import { parseCursor } from '../../registry/query.ts';
import type { Previews } from '../live/previews.ts';
import type { Target } from '../workers/messages.ts';
import { checkNames, filterOf, manyOf, wordsOf } from './filters.ts';
import { badRequestAnswer, body, json, unknownAnswer, unknownNameAnswer } from './openapi.ts';
import {
  closedSchema,
  closeManySchema,
  closeSchema,
  connectionSchema,
  countsQuery,
  countsSchema,
  messageManySchema,
  messageSchema,
  pageQuery,
  pageSchema,
  previewManySchema,
  previewSchema,
  sentSchema,
} from './schemas.ts';
import { noteSteered, steeredConnections } from './steered.ts';
import type { ControlTarget } from './target.ts';

const idParameter = z.object({ id: z.string().max(200) });

const closedManySchema = closedSchema.extend({
  closed: z
    .number()
    .openapi({ description: 'connections that match and are closed, no faster than the reconnect budget' }),
  drain: z.string().openapi({ description: 'under /drains/{id} it can be watched and cancelled' }),
  etaMs: z.number().openapi({ description: 'until the last is closed' }),
});

const list = createRoute({
  method: 'get',
  path: '/connections',
  summary: 'Live connections, oldest first',
  request: { query: pageQuery },
  responses: { 200: json(pageSchema, 'One page.'), ...badRequestAnswer, ...unknownNameAnswer },
});
const one = createRoute({
  method: 'get',
  path: '/connections/{id}',
  summary: 'One live connection',
  request: { params: idParameter },
  responses: { 200: json(connectionSchema, 'The connection.'), ...unknownAnswer },
});
const counts = createRoute({
  method: 'get',
  path: '/counts',
  summary: 'How many connections, by one of their fields',
  request: { query: countsQuery },
  responses: { 200: json(countsSchema, 'Counts by value, largest first.'), ...badRequestAnswer },
});
const closeOne = createRoute({
  method: 'post',
  path: '/connections/{id}/close',
  summary: 'Close one connection with a code and a reason',
  request: { params: idParameter, body: body(closeSchema) },
  responses: { 200: json(closedSchema, 'The close has begun.'), ...badRequestAnswer, ...unknownAnswer },
});
const closeMany = createRoute({
  method: 'post',
  path: '/connections/close',
  summary: 'Close every connection that matches',
  request: { body: body(closeManySchema) },
  responses: { 200: json(closedManySchema, 'The closes have begun.'), ...badRequestAnswer, ...unknownNameAnswer },
});
const sendOne = createRoute({
  method: 'post',
  path: '/connections/{id}/messages',
  summary: 'Send a message of the edge’s own into one connection',
  request: { params: idParameter, body: body(messageSchema) },
  responses: { 200: json(sentSchema, 'What became of it.'), ...badRequestAnswer, ...unknownAnswer },
});
const sendMany = createRoute({
  method: 'post',
  path: '/messages',
  summary: 'Send a message into every connection that matches',
  request: { body: body(messageManySchema) },
  responses: {
    200: json(sentSchema, 'What became of it, by number of connections.'),
    ...badRequestAnswer,
    ...unknownNameAnswer,
  },
});

const preview = createRoute({
  method: 'post',
  path: '/previews',
  summary: 'How many connections a filter concerns, kept for two minutes to be carried out',
  request: { body: body(previewManySchema) },
  responses: { 200: json(previewSchema, 'The preview.'), ...badRequestAnswer },
});

export function connectionRoutes(app: OpenAPIHono, target: ControlTarget, previews: Previews): void {
  /** Those of a preview, or all that match now, with the words for the log. */
  function many(request: z.infer<typeof previewManySchema> & { preview?: string | undefined }): {
    which: Target;
    words: string;
  } {
    if (request.preview === undefined) return { which: { filter: manyOf(request, target) }, words: wordsOf(request) };
    const { ids, words } = previews.take(request.preview);
    return { which: { ids }, words };
  }

  app.openapi(preview, async (context) => {
    const request = context.req.valid('json');
    const ids = await target.ids(manyOf(request, target));
    return context.json({ preview: previews.keep(ids, wordsOf(request)), count: ids.length }, 200);
  });

  app.openapi(list, async (context) => {
    const { limit, cursor, sort, order, offset, ...rest } = context.req.valid('query');
    if (sort !== undefined || offset !== undefined) {
      const request = { sort: sort ?? 'age', descending: order === 'down', offset: offset ?? 0, limit };
      const { rows, matched } = await target.window(filterOf(rest, target), request);
      return context.json(copy({ rows, matched, next: null, unanswered: target.silentWorkers() }), 200);
    }
    if (cursor !== undefined && parseCursor(cursor) === undefined) {
      throw new HoldlineError('control-bad-request', 'cursor: is not one that this API gave out');
    }
    const filter = filterOf(rest, target);
    const page = await target.query(filter, { limit, after: cursor ?? null });
    if (page.matched === 0) checkNames(filter, target.plan());
    return context.json(copy({ ...page, unanswered: target.silentWorkers() }), 200);
  });

  app.openapi(one, async (context) => {
    const { id } = context.req.valid('param');
    const row = await target.connection(id);
    if (row === null) throw unknown(id);
    return context.json(copy(row), 200);
  });

  app.openapi(counts, async (context) => {
    const { by, ...rest } = context.req.valid('query');
    const result = by === 'cause' ? causes(target) : await target.counts(by as CountField, filterOf(rest, target));
    return context.json({ by, counts: result, unanswered: [...target.silentWorkers()] }, 200);
  });

  app.openapi(closeMany, async (context) => {
    const { code, reason, ...request } = context.req.valid('json');
    const { which, words } = many(request);
    const drain = await target.drains.start({
      target: {
        filter: 'filter' in which ? which.filter : {},
        ids: 'ids' in which ? which.ids : null,
        worker: null,
      },
      what: `kick of ${words}`,
      // As fast as those who come back can be greeted.
      rate: { perSecond: target.plan().drain.budgetPerSecond },
      order: 'oldest',
      code,
      reason,
      cause: 'kick',
    });
    const closed = drain.total;
    if (closed === 0) checkNames(request.filter, target.plan());
    noteSteered(target, context, `closed ${steeredConnections(closed)} (${words}) with ${code}`);
    const { id, etaMs } = drain;
    return context.json({ closed, drain: id, etaMs, unanswered: [...target.silentWorkers()] }, 200);
  });

  app.openapi(closeOne, async (context) => {
    const { id } = context.req.valid('param');
    const { code, reason } = context.req.valid('json');
    const closed = await target.closeConnections({ id }, { code, reason, cause: 'kick', by: 'operator' });
    if (closed === 0) throw unknown(id);
    noteSteered(target, context, `closed ${id} with ${code}`);
    return context.json({ closed, unanswered: [...target.silentWorkers()] }, 200);
  });

  app.openapi(sendOne, async (context) => {
    const { id } = context.req.valid('param');
    const outcomes = await target.send({ id }, messageOf(context.req.valid('json')));
    if (Object.keys(outcomes).length === 0) throw unknown(id);
    noteSteered(target, context, `sent a message into ${id}`);
    return context.json({ ...nothingSent, ...outcomes, unanswered: [...target.silentWorkers()] }, 200);
  });

  app.openapi(sendMany, async (context) => {
    const content = context.req.valid('json');
    const message = messageOf(content);
    const { which, words } = many(content);
    const outcomes = await target.send(which, message);
    const reached = (outcomes.sent ?? 0) + (outcomes.queued ?? 0);
    if (Object.keys(outcomes).length === 0) checkNames(content.filter, target.plan());
    noteSteered(target, context, `sent a message into ${steeredConnections(reached)} (${words})`);
    return context.json({ ...nothingSent, ...outcomes, unanswered: [...target.silentWorkers()] }, 200);
  });
}

const nothingSent: Readonly<Record<SendOutcome, number>> = { sent: 0, queued: 0, full: 0, closing: 0, unknown: 0 };

function unknown(id: string): HoldlineError {
  return new HoldlineError('connection-unknown', `no live connection has the id "${id}"`);
}

function messageOf(content: z.infer<typeof messageSchema>): EdgeMessage {
  const { text, base64, to } = content;
  if ((text === undefined) === (base64 === undefined)) {
    throw new HoldlineError('control-bad-request', 'give either "text" or "base64"');
  }
  return { to, data: text ?? Buffer.from(base64 ?? '', 'base64') };
}

/** Ended connections by cause, over all routes. */
function causes(target: ControlTarget): Record<string, number> {
  const sum = emptyRecord<number>();
  for (const route of Object.values(target.totals().routes)) {
    for (const [cause, count] of Object.entries(route.closes)) sum[cause] = (sum[cause] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(sum).sort((a, b) => b[1] - a[1]));
}

/** What the schemas describe is mutable, what the registry gives is not; the JSON is the same. */
function copy<Value>(value: Value): Mutable<Value> {
  return value as Mutable<Value>;
}

type Mutable<Value> = Value extends string | number | boolean | null
  ? Value
  : Value extends readonly (infer Item)[]
    ? Mutable<Item>[]
    : { -readonly [Key in keyof Value]: Mutable<Value[Key]> };
