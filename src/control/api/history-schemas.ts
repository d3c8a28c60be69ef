import { z } from '@hono/zod-openapi';
import { incidentKinds } from '../../registry/incidents/incident.ts';
import { connectionSchema } from './schemas.ts';

const incidentSchema = z
  .object({
    kind: z.enum(Object.keys(incidentKinds) as [string, ...string[]]),
    fromMs: z.number(),
    toMs: z.number(),
    connections: z.number(),
    subject: z.string().nullable().openapi({ description: 'what is to blame' }),
    sentence: z.string(),
    evidence: z.array(z.string()),
    filter: z.string().openapi({ description: 'finds these connections in the history' }),
  })
  .openapi('Incident');

export const eventsSchema = z.object({
  events: z.array(
    z
      .object({
        number: z.number(),
        atMs: z.number(),
        kind: z.string(),
        level: z.enum(['info', 'warn', 'error']),
        text: z.string(),
        who: z.string().nullable(),
        incident: incidentSchema.nullable(),
      })
      .openapi('Event'),
  ),
});

export const historySchema = z
  .object({
    rows: z.array(
      connectionSchema.omit({ state: true, bufferedBytes: true }).extend({
        number: z.number(),
        endedAtMs: z.number(),
        by: z.string(),
        cause: z.string(),
        code: z.number(),
        reason: z.string(),
      }),
    ),
    next: z.number().nullable(),
    remembersSinceMs: z.number().nullable().openapi({ description: 'before this, nothing is remembered' }),
  })
  .openapi('History');

export const completionsSchema = z
  .object({
    start: z.number(),
    end: z.number(),
    options: z.array(z.object({ text: z.string(), about: z.string() })),
  })
  .openapi('Completions');

/** Of the page's own making: see src/registry/live.ts for what is in it. */
export const snapshotSchema = z
  .object({ now: z.looseObject({}), seconds: z.looseObject({}), events: eventsSchema.shape.events })
  .openapi('Snapshot');
