import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HoldlineError } from '../../base/error.ts';
import { escapedJson } from '../../base/json-text.ts';
import { previews } from '../live/previews.ts';
import { tapStreams } from '../live/taps.ts';
import type { Viewers } from '../live/viewers.ts';
import { connectionRoutes } from './connections.ts';
import { drainRoutes } from './drains.ts';
import { edgeRoutes } from './edge-routes.ts';
import { answerError, answerThrown, badRequest } from './errors.ts';
import { type GuardOptions, guard } from './guard.ts';
import { managedRoutes } from './managed.ts';
import { pageRoutes, safeHeaders } from './page.ts';
import { serverRoutes } from './servers.ts';
import { sessionRoutes } from './session.ts';
import { tapRoutes } from './tap.ts';
import type { ControlTarget } from './target.ts';
import { upgradeRoutes } from './upgrade.ts';
import { watchingRoutes } from './watching.ts';

/** A message of 1 MiB, the default limit of a route, as base64 with its JSON around it. */
const bodyBytesMax = 1_500_000;
/** Of a sign-in, which anybody may send: a token of a thousand characters and what JSON makes of it. */
const signInBytesMax = 16_384;

/** The control API as a function from request to response; it knows nothing of sockets. */
export interface ControlAppOptions extends GuardOptions {
  readonly viewers: Viewers;
  readonly nowMs: () => number;
}

export function controlApp(target: ControlTarget, options: ControlAppOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result, context) =>
      result.success ? undefined : answerError(context, 400, badRequest(result.error as never)),
  });
  app.use(guard(options));
  app.use(safeHeaders);
  app.use('/session', bodyOf(signInBytesMax));
  app.use(bodyOf(bodyBytesMax));
  // People read it in a terminal, with curl: what clients chose (paths, user agents) must be text there, too.
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.get('content-type')?.startsWith('application/json')) return;
    context.res = new Response(escapedJson(await context.res.text()), context.res);
  });
  sessionRoutes(app, options.access);
  watchingRoutes(app, target, options.viewers);
  const kept = previews(options.nowMs);
  connectionRoutes(app, target, kept);
  tapRoutes(app, tapStreams(target));
  edgeRoutes(app, target);
  upgradeRoutes(app, target);
  pageRoutes(app);
  serverRoutes(app, target);
  managedRoutes(app, target);
  drainRoutes(app, target, kept);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Holdline control API',
      version: target.version,
      description: 'Shows and steers the live connections of one edge.',
    },
  });
  app.notFound((context) =>
    answerError(
      context,
      404,
      new HoldlineError('control-not-found', `there is no ${context.req.method} ${context.req.path}`),
    ),
  );
  app.onError((error, context) => answerThrown(context, error));
  return app;
}

function bodyOf(bytesMax: number): MiddlewareHandler {
  const problem = () => new HoldlineError('control-body-too-large', `the body is over ${bytesMax} bytes`);
  return bodyLimit({ maxSize: bytesMax, onError: (context) => answerError(context, 413, problem()) });
}
