import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import { type Diagnostic, hasErrors } from '../../base/diagnostic.ts';
import { HoldlineError } from '../../base/error.ts';
import { packageBuild } from '../../host/package-build.ts';
import { type MetricsForm, metricsForms, metricsText } from '../metrics.ts';
import { unfitness } from '../service/health.ts';
import type { WorkerStatus } from '../workers/state.ts';
import { upstreamStateSchema } from './managed.ts';
import { json } from './openapi.ts';
import {
  errorSchema,
  handedOverSchema,
  originsSchema,
  reloadPreviewSchema,
  reloadSchema,
  workerSchema,
} from './schemas.ts';
import { noteSteered } from './steered.ts';
import type { ControlTarget } from './target.ts';

const workersSchema = z.object({ workers: z.array(workerSchema), restarts: z.number() });
const upstreamsSchema = z.object({ upstreams: z.array(upstreamStateSchema) });
const healthSchema = z.object({ ok: z.boolean(), problem: z.string().nullable() }).openapi('Health');
const text = (description: string) => ({ content: { 'text/plain': { schema: z.string() } }, description });

const reload = createRoute({
  method: 'post',
  path: '/reload',
  summary: 'Read the spec again and apply it; errors change nothing',
  responses: {
    200: json(reloadSchema, 'What changed.'),
    422: json(errorSchema.extend(reloadSchema.shape), 'Nothing changed.'),
  },
});
const preview = createRoute({
  method: 'get',
  path: '/reload',
  summary: 'What a reload would change, and what would become of the connections; nothing is changed',
  responses: { 200: json(reloadPreviewSchema, 'What would happen.') },
});
const workers = createRoute({
  method: 'get',
  path: '/workers',
  summary: 'The processes that hold the connections',
  responses: { 200: json(workersSchema, 'Workers.') },
});
const even = createRoute({
  method: 'post',
  path: '/even',
  summary: 'Moves connections between the workers until each holds the same number; no connection is closed',
  request: {
    body: {
      content: {
        'application/json': { schema: z.strictObject({ perSecond: z.number().positive().max(1e6).optional() }) },
      },
    },
  },
  responses: { 200: json(handedOverSchema, 'How many went, and how many cannot.') },
});
const upstreams = createRoute({
  method: 'get',
  path: '/upstreams',
  summary: 'Upstreams, their servers and what Holdline started itself',
  responses: { 200: json(upstreamsSchema, 'Upstreams.') },
});
const origins = createRoute({
  method: 'get',
  path: '/origins',
  summary: 'Origins that came, by route: how often, and how many handshakes the list refuses or would refuse',
  responses: { 200: json(originsSchema, 'Origins; an empty origin stands for handshakes without one.') },
});
const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Metrics in Prometheus’ text form, or in that of OpenMetrics for who accepts it',
  responses: { 200: text('Metrics.') },
});
const processes = z.array(z.object({ pid: z.number(), version: z.string() }));
const versionSchema = z
  .object({
    version: z.string().openapi({ description: 'of the supervisor' }),
    build: z
      .string()
      .nullable()
      .openapi({ description: 'fingerprint of the code that it began with; null when that could not be read' }),
    node: z.string(),
    supervisor: z.object({ pid: z.number() }),
    workers: processes,
  })
  .openapi('Version');
const version = createRoute({
  method: 'get',
  path: '/version',
  summary: 'What runs: the version of the supervisor and of each worker',
  responses: { 200: json(versionSchema, 'Versions.') },
});
const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the edge is worth keeping, or should be started again: no worker answers, or one hangs for good',
  responses: { 200: json(healthSchema, 'It is.'), 503: json(healthSchema, 'It is not.') },
});
const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether new connections are admitted',
  responses: { 200: json(healthSchema, 'They are.'), 503: json(healthSchema, 'They are not.') },
});

/** Everything that concerns the edge as a whole. */
export function edgeRoutes(app: OpenAPIHono, target: ControlTarget): void {
  // Now, and not when somebody asks: by then the files may be of another build.
  const build = packageBuild().catch(() => null);

  app.openapi(reload, async (context) => {
    noteSteered(target, context, 'asked for a reload');
    const outcome = await target.reload();
    const diagnostics = outcome.diagnostics.map(diagnosticRow);
    const changed = [...outcome.changed];
    const last = outcome.lastChange;
    const lastChange = last === null ? null : { atMs: last.atMs, changed: [...last.changed] };
    if (!hasErrors(outcome.diagnostics)) return context.json({ changed, lastChange, diagnostics }, 200);
    const first = outcome.diagnostics.find((diagnostic) => diagnostic.severity === 'error');
    const error = new HoldlineError('reload-failed', first?.message ?? 'the spec has errors');
    const { code, message, help } = { code: error.code, message: error.message, help: first?.help ?? error.help };
    return context.json({ code, message, help, changed: [], lastChange, diagnostics }, 422);
  });

  app.openapi(preview, async (context) => {
    const { changed, diagnostics, effects } = await target.preview();
    return context.json(
      { changed: [...changed], diagnostics: diagnostics.map(diagnosticRow), effects: [...effects] },
      200,
    );
  });

  app.openapi(workers, (context) =>
    context.json({ workers: [...target.workers()].map(workerRow), restarts: target.workerRestarts() }, 200),
  );

  app.openapi(even, async (context) => {
    noteSteered(target, context, 'evened out the workers');
    const { moved, stayed } = await target.even(context.req.valid('json').perSecond ?? null);
    return context.json({ moved, stayed: { ...stayed } }, 200);
  });

  app.openapi(upstreams, (context) => {
    const rows = target.servers.rows();
    const instances = target.instances();
    const states = target.managed();
    const all = target.plan().upstreams.map((upstream) => ({
      name: upstream.name,
      balance: upstream.balance.kind,
      managed: states.find((state) => state.upstream === upstream.name) ?? null,
      servers: rows
        .filter((row) => row.upstream === upstream.name)
        .map(({ url, weight, connectionsMax, connections, state }) => ({
          url,
          weight,
          connectionsMax,
          connections,
          state,
        })),
      instances: instances.filter((instance) => instance.upstream === upstream.name),
    }));
    return context.json({ upstreams: all }, 200);
  });

  app.openapi(origins, async (context) => {
    const seen = await target.originsSeen();
    const routes = Object.entries(seen).map(([route, byOrigin]) => ({
      route,
      mode: target.plan().routes.find((each) => each.name === route)?.origins.mode ?? null,
      origins: Object.values(byOrigin).sort((a, b) => b.handshakes - a.handshakes),
    }));
    return context.json({ routes, unanswered: [...target.silentWorkers()] }, 200);
  });

  app.openapi(metrics, async (context) => {
    const workerRestarts = target.workerRestarts();
    const input = {
      version: target.version,
      totals: target.totals(),
      workers: target.workers(),
      workerRestarts,
      gate: target.gates.state(),
      servers: target.servers.rows(),
      drains: target.drains.rows(),
      instances: target.instances(),
      managed: target.managed(),
    };
    const form = accepts(context, {
      header: 'Accept',
      supports: Object.keys(metricsForms),
      default: 'text/plain',
    }) as MetricsForm;
    context.header('Vary', 'Accept');
    return context.text(await metricsText(input, form), 200, { 'Content-Type': metricsForms[form] });
  });

  app.openapi(version, async (context) =>
    context.json(
      {
        version: target.version,
        build: await build,
        node: process.version,
        supervisor: { pid: process.pid },
        workers: target.workers().map(({ pid, version }) => ({ pid, version })),
      },
      200,
    ),
  );

  app.openapi(healthz, (context) => {
    const problem = unfitness(target.workers(), target.silentWorkers());
    return context.json({ ok: problem === null, problem }, problem === null ? 200 : 503);
  });

  app.openapi(readyz, (context) => {
    if (target.gates.state().closed) return context.json({ ok: false, problem: 'the gate is closed' }, 503);
    const silent = target.silentWorkers();
    if (silent.length > 0) {
      const problem = `${silent.length} of ${target.workers().length} workers do not answer: ${silent.join(', ')}`;
      return context.json({ ok: false, problem }, 503);
    }
    if (target.workers().length === 0) return context.json({ ok: false, problem: 'no worker is ready' }, 503);
    return context.json({ ok: true, problem: null }, 200);
  });
}

function workerRow(worker: WorkerStatus) {
  return { ...worker, stayed: { ...worker.stayed } };
}

function diagnosticRow({ code, severity, message, where, why, help }: Diagnostic) {
  return {
    code,
    severity,
    message,
    file: where?.file ?? null,
    line: where?.range?.start.line ?? null,
    column: where?.range?.start.column ?? null,
    path: where?.path ?? null,
    why: why ?? null,
    help: help ?? null,
  };
}
