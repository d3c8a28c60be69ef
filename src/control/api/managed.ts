import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { serverStates } from '../../policy/health/status.ts';
import { instanceStates, restartStages } from '../managed/state.ts';
import { badRequestAnswer, json } from './openapi.ts';
import { errorSchema } from './schemas.ts';
import { noteSteered } from './steered.ts';
import type { ControlTarget } from './target.ts';

export const instanceSchema = z
  .object({
    upstream: z.string(),
    instance: z.number(),
    generation: z.number().openapi({ description: '1 at first, and one more with each rolling restart' }),
    pid: z.number().nullable(),
    url: z.string().nullable().openapi({ description: 'null while it is not ready for clients' }),
    restarts: z.number().openapi({ description: 'how often it ended by itself and was started again' }),
    state: z.enum(instanceStates),
    reason: z.string().openapi({ description: 'what it waits for, or why it leaves' }),
  })
  .openapi('Instance');

export const managedSchema = z
  .object({
    upstream: z.string(),
    wanted: z.number().openapi({ description: 'instances that there should be' }),
    restart: z
      .object({
        generation: z.number(),
        why: z.string(),
        stage: z.enum(restartStages),
        instances: z.number(),
        exchanged: z.number().openapi({ description: 'old instances that have ended' }),
        problem: z.string().nullable(),
        again: z.boolean().openapi({ description: 'another one was asked for, and follows' }),
      })
      .nullable()
      .openapi({ description: 'the last rolling restart; null before the first' }),
    restarts: z.object({ done: z.number(), failed: z.number() }),
    scalings: z.object({ up: z.number(), down: z.number() }),
  })
  .openapi('Managed');

export const upstreamStateSchema = z
  .object({
    name: z.string(),
    balance: z.string(),
    managed: managedSchema.nullable().openapi({ description: 'null where Holdline does not start the servers' }),
    servers: z.array(
      z.object({
        url: z.string(),
        weight: z.number(),
        connectionsMax: z.number().nullable(),
        connections: z.number(),
        state: z.enum(serverStates),
      }),
    ),
    instances: z.array(instanceSchema),
  })
  .openapi('Upstream');

const restart = createRoute({
  method: 'post',
  path: '/upstreams/{name}/restart',
  summary:
    'Exchange the instances that Holdline started: new ones first, then the old ones are drained one after the other',
  request: { params: z.object({ name: z.string().max(200) }) },
  responses: {
    200: json(managedSchema, 'It has begun, or follows the one that is running. GET /upstreams shows its progress.'),
    ...badRequestAnswer,
    404: json(errorSchema, 'There is no such upstream.'),
    409: json(errorSchema, 'Holdline does not start its servers.'),
  },
});

/** Servers that Holdline starts itself. */
export function managedRoutes(app: OpenAPIHono, target: ControlTarget): void {
  app.openapi(restart, (context) => {
    const { name } = context.req.valid('param');
    const state = target.restart(name);
    noteSteered(target, context, `asked for a rolling restart of ${name}`);
    return context.json(state, 200);
  });
}
