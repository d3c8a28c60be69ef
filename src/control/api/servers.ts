import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { serverStates } from '../../policy/health/status.ts';
import { instanceSchema } from './managed.ts';
import { badRequestAnswer, body, json } from './openapi.ts';
import { drainSchema, pace, readPace } from './pace-schema.ts';
import { errorSchema } from './schemas.ts';
import { noteSteered } from './steered.ts';
import type { ControlTarget } from './target.ts';

const serverSchema = z
  .object({
    upstream: z.string(),
    url: z.string(),
    state: z.enum(serverStates),
    reason: z.string(),
    sinceMs: z.number().openapi({ description: 'milliseconds since 1970' }),
    origin: z.enum(['spec', 'command', 'managed']),
    weight: z.number(),
    share: z.number().openapi({ description: '0 to 1: the part of its weight that it has while it starts slowly' }),
    connectionsMax: z.number().nullable(),
    connections: z.number(),
    check: z.string().nullable().openapi({ description: 'what the last health check said; null without checks' }),
    unsaved: z
      .enum(['added', 'removed', 'drained'])
      .nullable()
      .openapi({ description: 'what a restart of the edge would forget' }),
  })
  .openapi('Server');

const name = {
  upstream: z.string().max(200).optional().openapi({ description: 'needed where more than one could be meant' }),
  url: z.string().max(2048).openapi({ example: 'http://10.0.0.3:9000' }),
};
const save = z.boolean().default(false).openapi({ description: 'write the change into the spec, too' });
const force = z.boolean().default(false).openapi({ description: 'though no other server is up' });
const drainedSchema = z.object({ server: serverSchema, drain: drainSchema });
const refusals = {
  ...badRequestAnswer,
  404: json(errorSchema, 'There is no such server or upstream.'),
  409: json(errorSchema, 'It cannot be done as things are.'),
  422: json(errorSchema, 'It was done, and could not be saved.'),
};

const list = createRoute({
  method: 'get',
  path: '/servers',
  summary: 'Every server with its state and its live connections, those included that left and still hold some',
  responses: {
    200: json(
      z.object({ servers: z.array(serverSchema), instances: z.array(instanceSchema) }),
      'Servers, and the processes of those that Holdline starts itself.',
    ),
  },
});
const add = createRoute({
  method: 'post',
  path: '/servers',
  summary: 'Add a server to an upstream',
  request: {
    body: body(
      z.strictObject({
        ...name,
        weight: z.number().int().min(1).max(1000).default(1),
        connections: z.number().int().min(1).optional().openapi({ description: 'most connections at once' }),
        save,
      }),
    ),
  },
  responses: { 200: json(serverSchema, 'The server.'), ...refusals },
});
const drain = createRoute({
  method: 'post',
  path: '/servers/drain',
  summary: 'Give a server no new connections, and close those that it has at a pace',
  request: { body: body(z.strictObject({ ...name, ...pace, force })) },
  responses: { 200: json(drainedSchema, 'It has begun.'), ...refusals },
});
const undrain = createRoute({
  method: 'post',
  path: '/servers/undrain',
  summary: 'Give it new connections again, and stop closing those that it has',
  request: { body: body(z.strictObject(name)) },
  responses: { 200: json(serverSchema, 'The server.'), ...refusals },
});
const remove = createRoute({
  method: 'post',
  path: '/servers/remove',
  summary: 'Take a server off its upstream; it is shown while it holds connections, which are drained',
  request: { body: body(z.strictObject({ ...name, ...pace, force, save })) },
  responses: { 200: json(drainedSchema, 'It has begun.'), ...refusals },
});

const rebalance = createRoute({
  method: 'post',
  path: '/servers/rebalance',
  summary: 'Take from servers that hold more than their share what they have too many, idlest first, at a pace',
  request: {
    body: body(
      z.strictObject({
        upstream: z.string().max(200).optional().openapi({ description: 'needed where there are several' }),
        dryRun: z.boolean().default(false).openapi({ description: 'only say what it would do' }),
        rate: pace.rate,
        order: pace.order,
      }),
    ),
  },
  responses: {
    200: json(
      z.object({
        upstream: z.string(),
        servers: z.array(
          z.object({
            url: z.string(),
            connections: z.number(),
            fair: z.number().openapi({ description: 'its share of all, by weight' }),
            excess: z.number(),
          }),
        ),
        moves: z.number().openapi({ description: 'clients that stay connected and get another server' }),
        closes: z.number().openapi({ description: 'clients that are closed, and come back to another one' }),
        drain: drainSchema.nullable().openapi({ description: 'null when there is nothing to do' }),
      }),
      'What is done, or would be.',
    ),
    ...refusals,
  },
});

/** Servers that come and go. */
export function serverRoutes(app: OpenAPIHono, target: ControlTarget): void {
  app.openapi(list, (context) =>
    context.json({ servers: target.servers.rows(), instances: [...target.instances()] }, 200),
  );

  app.openapi(add, async (context) => {
    const { upstream = null, url, weight, connections = null, save: saved } = context.req.valid('json');
    const row = target.servers.add({ upstream, url, weight, connectionsMax: connections });
    noteSteered(target, context, `added ${row.url} to ${row.upstream}`);
    const server = { url: row.url, weight, connectionsMax: connections };
    if (saved) await target.save({ kind: 'add', upstream: row.upstream, server });
    return context.json(row, 200);
  });

  app.openapi(drain, async (context) => {
    const request = context.req.valid('json');
    const { upstream = null, url, force: forced } = request;
    const done = await target.servers.drain({ upstream, url }, { ...readPace(request), force: forced });
    noteSteered(target, context, `drained ${done.server.url} of ${done.server.upstream}`);
    return context.json(done, 200);
  });

  app.openapi(rebalance, async (context) => {
    const { upstream = null, dryRun, ...request } = context.req.valid('json');
    const { rate, order } = readPace(request);
    const done = await target.rebalances.rebalance({ upstream, dryRun, rate, order });
    if (done.drain !== null) noteSteered(target, context, `began the ${done.drain.what} (${done.moves + done.closes})`);
    return context.json({ ...done, servers: [...done.servers] }, 200);
  });

  app.openapi(undrain, (context) => {
    const { upstream = null, url } = context.req.valid('json');
    const row = target.servers.undrain({ upstream, url });
    noteSteered(target, context, `gave ${row.url} of ${row.upstream} clients again`);
    return context.json(row, 200);
  });

  app.openapi(remove, async (context) => {
    const request = context.req.valid('json');
    const { upstream = null, url, force: forced, save: saved } = request;
    const done = await target.servers.remove({ upstream, url }, { ...readPace(request), force: forced });
    noteSteered(target, context, `removed ${done.server.url} from ${done.server.upstream}`);
    if (saved) await target.save({ kind: 'remove', upstream: done.server.upstream, url: done.server.url });
    return context.json(done, 200);
  });
}
