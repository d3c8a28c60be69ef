import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { TapStreams } from '../live/taps.ts';
import { json, unknownAnswer } from './openapi.ts';
import { errorSchema } from './schemas.ts';
import { streamHeaders } from './stream-headers.ts';

const tap = createRoute({
  method: 'get',
  path: '/connections/{id}/tap',
  summary: 'The frame headers of one connection as they arrive, without payload: server-sent events',
  request: { params: z.object({ id: z.string().max(200) }) },
  responses: {
    200: {
      content: { 'text/event-stream': { schema: z.string() } },
      description:
        '`frames` twice a second, with `rows` (what, atMs, from, kind, bytes, compressed, final, frames) and how many were `missed`; `end` when the connection has ended.',
    },
    503: json(errorSchema, 'As many connections as are allowed are tapped already.'),
    ...unknownAnswer,
  },
});

export function tapRoutes(app: OpenAPIHono, taps: TapStreams): void {
  app.openapi(tap, async (context) => {
    const stream = await taps.open(context.req.valid('param').id);
    return context.body(stream, 200, streamHeaders) as never;
  });
}
