import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { HoldlineError } from '../../base/error.ts';
import type { ConnectionFilter } from '../../registry/filter.ts';
import type { Previews } from '../live/previews.ts';
import { checkNames, manyOf } from './filters.ts';
import { badRequestAnswer, body, json, unknownNameAnswer } from './openapi.ts';
import { drainSchema, pace, readPace } from './pace-schema.ts';
import { errorSchema, filterSchema, gateChangeSchema, gateSchema, previewName } from './schemas.ts';
import { noteSteered, steeredConnections } from './steered.ts';
import type { ControlTarget } from './target.ts';

const drainsSchema = z.object({ drains: z.array(drainSchema) });
const idParameter = z.object({ id: z.string().max(32) });
const unknownDrain = { 404: json(errorSchema, 'No drain has this number.') };
const startSchema = z.strictObject({
  ...pace,
  filter: filterSchema.default({}),
  all: z.boolean().default(false),
  preview: previewName,
  worker: z.number().int().optional().openapi({ description: 'only those on the worker with this process id' }),
});

const list = createRoute({
  method: 'get',
  path: '/drains',
  summary: 'Drains that run, and the last ones that ended',
  responses: { 200: json(drainsSchema, 'Drains, oldest first.') },
});
const start = createRoute({
  method: 'post',
  path: '/drains',
  summary: 'Close every connection that matches, at a pace; what is left out is what their routes say',
  request: { body: body(startSchema) },
  responses: { 200: json(drainSchema, 'It has begun.'), ...badRequestAnswer, ...unknownNameAnswer },
});
const one = createRoute({
  method: 'get',
  path: '/drains/{id}',
  summary: 'How far a drain is',
  request: { params: idParameter },
  responses: { 200: json(drainSchema, 'The drain.'), ...unknownDrain },
});
const cancel = createRoute({
  method: 'post',
  path: '/drains/{id}/cancel',
  summary: 'Stop a drain where it is; what is closed stays closed',
  request: { params: idParameter },
  responses: { 200: json(drainSchema, 'The drain, as it was when it stopped.'), ...unknownDrain },
});
const readGate = createRoute({
  method: 'get',
  path: '/gate',
  summary: 'Whether new handshakes are refused, and on which routes',
  responses: { 200: json(gateSchema, 'The gate.') },
});
const writeGate = createRoute({
  method: 'put',
  path: '/gate',
  summary: 'Refuse new handshakes with 503, or admit them again; live connections stay',
  request: { body: body(gateChangeSchema) },
  responses: {
    200: json(gateSchema, 'The gate as it is now.'),
    ...badRequestAnswer,
    404: json(errorSchema, 'No route has this name.'),
  },
});

/** Drains and gates. */
export function drainRoutes(app: OpenAPIHono, target: ControlTarget, previews: Previews): void {
  const gate = () => ({ ...target.gates.state(), routes: [...target.gates.state().routes] });

  app.openapi(list, (context) => context.json({ drains: target.drains.rows() }, 200));

  app.openapi(start, async (context) => {
    const request = context.req.valid('json');
    const { filter, all, worker = null, preview } = request;
    const kept = preview === undefined ? null : previews.take(preview);
    // A worker's name is enough to mean somebody.
    const wanted = kept !== null ? {} : manyOf({ filter, all: all || worker !== null }, target);
    const row = await target.drains.start({
      ...readPace(request),
      target: { filter: wanted, ids: kept?.ids ?? null, worker },
      what: kept?.words ?? textOf(filter, worker),
      cause: 'drain',
    });
    if (row.total === 0 && kept === null) checkNames(wanted, target.plan());
    noteSteered(target, context, `began to drain ${row.what} (${steeredConnections(row.total)})`);
    return context.json(row, 200);
  });

  app.openapi(one, (context) => context.json(known(target.drains.get(context.req.valid('param').id)), 200));
  app.openapi(cancel, (context) => {
    const row = known(target.drains.cancel(context.req.valid('param').id));
    noteSteered(target, context, `cancelled the drain ${row.id} of ${row.what}`);
    return context.json(row, 200);
  });

  app.openapi(readGate, (context) => context.json(gate(), 200));
  app.openapi(writeGate, (context) => {
    const { closed, route = null } = context.req.valid('json');
    target.gates.set({ route, closed });
    noteSteered(target, context, `${closed ? 'closed' : 'opened'} the gate${route === null ? '' : ` of ${route}`}`);
    return context.json(gate(), 200);
  });
}

function known<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new HoldlineError('drain-unknown', 'there is no drain with this number');
  return row;
}

/** `route chat, idleForMs 5000` for people who look at a list of drains. */
function textOf(filter: ConnectionFilter, worker: number | null): string {
  const parts = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  if (worker !== null) parts.unshift(`worker ${worker}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}
