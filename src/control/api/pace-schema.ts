import { z } from '@hono/zod-openapi';
import { drainOrders, parseDrainRate } from '../../base/drain.ts';
import { closeCode, closeReason } from './schemas.ts';

/** `100/s` or `2%/s`. */
const rate = z
  .string()
  .max(32)
  .transform((text, context) => {
    const read = parseDrainRate(text);
    if (read.ok) return read.value;
    context.addIssue({ code: 'custom', message: read.problem });
    return z.NEVER;
  })
  .openapi({ type: 'string', example: '100/s', description: 'so many a second, or a share of all: 2%/s' });

/** What is left out is what the routes of the connections say. */
export const pace = {
  rate: rate.optional(),
  order: z.enum(drainOrders).optional(),
  code: closeCode.optional(),
  reason: closeReason.optional(),
};

export function readPace<Body extends z.infer<z.ZodObject<typeof pace>>>({ rate, order, code, reason }: Body) {
  return { rate: rate ?? null, order: order ?? null, code: code ?? null, reason: reason ?? null };
}

export const drainSchema = z
  .object({
    id: z.string(),
    what: z.string(),
    cause: z.enum(['drain', 'kick', 'server-lost']),
    state: z.enum(['running', 'done', 'cancelled']),
    ratePerSecond: z.number(),
    order: z.enum(drainOrders),
    code: z.number().nullable().openapi({ description: 'null: that of each connection’s route' }),
    reason: z.string().nullable(),
    startedAtMs: z.number(),
    total: z.number(),
    closed: z.number(),
    gone: z.number().openapi({ description: 'ended by themselves before their turn' }),
    remaining: z.number(),
    elapsedMs: z.number(),
    etaMs: z
      .number()
      .openapi({ description: 'until the last is closed, at this pace; longer when drains share the budget' }),
  })
  .openapi('Drain');
