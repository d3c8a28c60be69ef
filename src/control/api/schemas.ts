import { z } from '@hono/zod-openapi';
import { isSendableCloseCode } from '../../base/close-code.ts';
import { isCountField } from '../../registry/counts.ts';
import { type FieldName, fields } from '../../registry/language/fields.ts';
import { pageRowsMax } from '../../registry/query.ts';
import { windowDepthMax } from '../../registry/window.ts';

/** A name or an address that a client sends: longer ones name nothing. */
const word = z.string().max(2048);
const milliseconds = z.coerce.number().int().min(0);

/** In every answer that all workers have a part in. */
const unanswered = z
  .array(z.number())
  .openapi({ description: 'workers that did not answer: their connections are missing here' });

/** The filter as JSON, in the bodies of POST requests. */
export const filterSchema = z
  .strictObject({
    route: word.optional(),
    upstream: word.optional(),
    server: word.optional().openapi({ example: 'http://127.0.0.1:9000' }),
    client: word.optional().openapi({ description: 'address without the port' }),
    origin: word.optional().openapi({ description: 'the empty string finds those that sent none' }),
    host: word.optional(),
    tags: z.record(word, word).optional().openapi({ description: 'the empty value asks only that the tag is there' }),
    state: z.enum(['open', 'closing']).optional(),
    compressed: z.boolean().optional(),
    minAgeMs: milliseconds.optional(),
    idleForMs: milliseconds.optional(),
    q: z
      .string()
      .max(2000)
      .optional()
      .openapi({ description: 'a filter in words; it must hold, too', example: 'route:chat rtt>200ms' }),
  })
  .openapi('Filter');

/** The filter as query parameters; tags are written `tag=name:value`, once or several times. */
export const filterQuery = z.object({
  route: word.optional(),
  upstream: word.optional(),
  server: word.optional(),
  client: word.optional(),
  origin: word.optional(),
  host: word.optional(),
  tag: z
    .union([word, z.array(word).max(20)])
    .optional()
    .openapi({ description: 'name:value, or name alone; may be given several times' }),
  state: z.enum(['open', 'closing']).optional(),
  compressed: z.enum(['true', 'false']).optional(),
  minAgeMs: milliseconds.optional(),
  idleForMs: milliseconds.optional(),
  q: z
    .string()
    .max(2000)
    .optional()
    .openapi({ description: 'a filter in words; it must hold, too', example: 'route:chat rtt>200ms' }),
});

export const pageQuery = filterQuery.extend({
  limit: z.coerce.number().int().min(1).max(pageRowsMax).default(100),
  cursor: z.string().max(300).optional().openapi({ description: '"next" of the page before' }),
  sort: z
    .enum(Object.keys(fields) as [FieldName, ...FieldName[]])
    .optional()
    .openapi({ description: 'rows in this order from "offset" on, instead of page by page' }),
  order: z.enum(['up', 'down']).default('up'),
  offset: z.coerce.number().int().min(0).max(windowDepthMax).optional(),
});

export const countsQuery = filterQuery.extend({
  by: z
    .string()
    .refine((text) => text === 'cause' || isCountField(text), {
      message:
        'count by cause, route, upstream, server, client, origin, host, path, state, compressed, subprotocol, userAgent, tls or tag:NAME',
    })
    .openapi({ example: 'route', description: '"cause" counts ended connections; everything else counts live ones' }),
});

export const connectionSchema = z
  .object({
    id: z.string(),
    openedAtMs: z.number().openapi({ description: 'milliseconds since 1970' }),
    ageMs: z.number(),
    idleMs: z.number().openapi({ description: 'since the last data frame in either direction' }),
    clientAddress: z.string(),
    clientPort: z.number(),
    peerAddress: z.string().openapi({ description: 'where the socket comes from: the client, or the proxy in front' }),
    tls: z.boolean(),
    route: z.string(),
    upstream: z.string(),
    server: z.string(),
    host: z.string(),
    path: z.string(),
    origin: z.string().nullable(),
    userAgent: z.string().nullable(),
    subprotocol: z.string().nullable(),
    compressed: z.boolean(),
    tags: z.record(z.string(), z.string()),
    state: z.enum(['open', 'closing']),
    clientBytes: z.number(),
    clientMessages: z.number(),
    serverBytes: z.number(),
    serverMessages: z.number(),
    rttMs: z.number().nullable(),
    bufferedBytes: z.number(),
  })
  .openapi('Connection');

export const pageSchema = z
  .object({
    rows: z.array(connectionSchema),
    matched: z.number().openapi({ description: 'connections that match, those of other pages included' }),
    next: z.string().nullable().openapi({ description: 'cursor of the following page; null on the last' }),
    unanswered,
  })
  .openapi('Page');

/** Codes that RFC 6455 (7.4) lets an endpoint send, and the range of private use. */
export const closeCode = z.number().int().refine(isSendableCloseCode, {
  message: 'must be a close code that may be sent: 1000-1003, 1007-1014 or 3000-4999',
});

export const closeReason = z.string().refine((reason) => Buffer.byteLength(reason) <= 123, {
  message: 'must be at most 123 bytes of UTF-8, which is what fits into a close frame',
});

export const closeSchema = z.strictObject({ code: closeCode.default(1008), reason: closeReason.default('') });

export const countsSchema = z.object({ by: z.string(), counts: z.record(z.string(), z.number()), unanswered });
export const closedSchema = z.object({
  closed: z.number().openapi({ description: 'closes that were begun' }),
  unanswered,
});

export const previewName = z
  .string()
  .max(40)
  .optional()
  .openapi({ description: 'of POST /previews: these very connections, instead of a filter' });

const many = { filter: filterSchema.default({}), all: z.boolean().default(false), preview: previewName };
export const previewManySchema = z.strictObject({ filter: many.filter, all: many.all });
export const previewSchema = z
  .object({ preview: z.string(), count: z.number().openapi({ description: 'connections that it concerns' }) })
  .openapi('Preview');
export const closeManySchema = closeSchema.extend(many);

export const messageSchema = z.strictObject({
  text: z.string().optional(),
  base64: z.base64().optional().openapi({ description: 'a binary message' }),
  to: z.enum(['client', 'server']).default('client'),
});
export const messageManySchema = messageSchema.extend(many);

export const sentSchema = z
  .object({
    sent: z.number(),
    queued: z.number(),
    full: z.number(),
    closing: z.number(),
    unknown: z.number(),
    unanswered,
  })
  .openapi('Sent');

export const gateSchema = z
  .object({
    closed: z.boolean(),
    routes: z.array(z.string()).openapi({ description: 'routes for which it is closed besides' }),
    spreadSeconds: z
      .number()
      .openapi({ description: 'over how long those that are turned away are spread; 0 when open' }),
  })
  .openapi('Gate');
export const gateChangeSchema = z.strictObject({
  closed: z.boolean(),
  route: word.optional().openapi({ description: 'only for this route; all when left out' }),
});

export const diagnosticSchema = z
  .object({
    code: z.string(),
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    file: z.string().nullable(),
    line: z.number().nullable(),
    column: z.number().nullable(),
    path: z.string().nullable().openapi({ description: 'the place in the spec, as routes[0].match.path' }),
    why: z.string().nullable(),
    help: z.string().nullable(),
  })
  .openapi('Diagnostic');

export const reloadSchema = z
  .object({
    changed: z.array(z.string()),
    lastChange: z
      .object({ atMs: z.number(), changed: z.array(z.string()) })
      .nullable()
      .openapi({ description: 'the last reading that changed anything; the edge reads a changed file by itself' }),
    diagnostics: z.array(diagnosticSchema),
  })
  .openapi('Reload');

export const reloadPreviewSchema = z
  .object({
    changed: z.array(z.string()),
    effects: z.array(z.string()).openapi({ description: 'sentences about what becomes of the connections' }),
    diagnostics: z.array(diagnosticSchema),
  })
  .openapi('ReloadPreview');

export const workerSchema = z
  .object({
    pid: z.number(),
    startedAtMs: z.number(),
    connections: z.number(),
    silentMs: z.number().openapi({ description: 'how long it has not reported; 0 while it does' }),
    memoryBytes: z.number(),
    eventLoopDelayMaxMs: z.number(),
    eventLoopDelayP50Ms: z.number(),
    eventLoopDelayP99Ms: z.number(),
    cpuShare: z.number().openapi({ description: 'of one core' }),
    version: z.string().openapi({ description: 'of Holdline, as the worker was loaded' }),
    leaving: z.boolean().openapi({ description: 'takes no new connections, and ends when it holds none' }),
    stayed: z.record(z.string(), z.number()).openapi({ description: 'connections that it cannot hand over, by cause' }),
  })
  .openapi('Worker');

export const handedOverSchema = z
  .object({
    moved: z.number(),
    stayed: z
      .record(z.string(), z.number())
      .openapi({ description: 'connections that cannot be handed over, by cause' }),
  })
  .openapi('HandedOver');

export const errorSchema = z.object({ code: z.string(), message: z.string(), help: z.string() }).openapi('Error');

export const originsSchema = z
  .object({
    routes: z.array(
      z.object({
        route: z.string(),
        /** null for a route that a reload has removed. */
        mode: z.enum(['enforce', 'report']).nullable(),
        origins: z.array(z.object({ origin: z.string(), handshakes: z.number(), refused: z.number() })),
      }),
    ),
    unanswered,
  })
  .openapi('Origins');
