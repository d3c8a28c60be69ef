import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { isUnderWay, probationMsDefault, type UpgradeState } from '../handover/upgrade.ts';
import { json } from './openapi.ts';
import { noteSteered } from './steered.ts';
import type { ControlTarget } from './target.ts';

const upgradeSchema = z
  .object({
    phase: z.enum(['none', 'probation', 'supervisor', 'exchange', 'done', 'would', 'kept', 'cancelled']),
    from: z.string().nullable(),
    to: z.string().nullable().openapi({ description: 'version of the code on disk; null before it is known' }),
    problem: z.string().nullable().openapi({ description: 'why everything stayed as it was' }),
    workers: z.number(),
    exchanged: z.number(),
    moved: z.number(),
    stayed: z.record(z.string(), z.number()),
  })
  .openapi('Upgrade');

const request = z.strictObject({
  dryRun: z.boolean().default(false),
  probationMs: z.number().min(0).max(600_000).default(probationMsDefault),
  perSecond: z.number().positive().max(1e6).optional(),
});

const begin = createRoute({
  method: 'post',
  path: '/upgrade',
  summary: 'Tries the code on disk, and exchanges the workers for ones of it; no connection is closed',
  request: { body: { content: { 'application/json': { schema: request } } } },
  responses: { 200: json(upgradeSchema, 'It has begun, or was under way.') },
});
const look = createRoute({
  method: 'get',
  path: '/upgrade',
  summary: 'How far the last exchange of the workers is',
  responses: { 200: json(upgradeSchema, 'How far.') },
});
const cancel = createRoute({
  method: 'post',
  path: '/upgrade/cancel',
  summary: 'Stops before the next worker',
  responses: {
    200: json(
      upgradeSchema,
      'How far it was. In phase `supervisor`, which takes a second, nothing can be cancelled: ask again. When none is under way, nothing happens.',
    ),
  },
});

export function upgradeRoutes(app: OpenAPIHono, target: ControlTarget): void {
  app.openapi(begin, (context) => {
    // A request without a body has not been parsed, and so lacks what is left out.
    const { dryRun, probationMs, perSecond = null } = request.parse(context.req.valid('json'));
    noteSteered(target, context, dryRun ? 'tried the code on disk' : 'asked for an upgrade');
    return context.json(row(target.upgrade.start({ dryRun, probationMs, perSecond })), 200);
  });
  app.openapi(look, (context) => context.json(row(target.upgrade.state()), 200));
  app.openapi(cancel, (context) => {
    const state = target.upgrade.cancel();
    if (isUnderWay(state.phase)) noteSteered(target, context, 'cancelled the upgrade');
    return context.json(row(state), 200);
  });
}

function row(state: UpgradeState) {
  return { ...state, stayed: { ...state.stayed } };
}
