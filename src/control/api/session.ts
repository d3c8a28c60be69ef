import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { HoldlineError } from '../../base/error.ts';
import type { Access } from '../access/access.ts';
import { endedCookie, sessionCookie, sessionIn } from '../access/cookie.ts';
import { badRequestAnswer, body, json } from './openapi.ts';
import { errorSchema } from './schemas.ts';

const sessionSchema = z
  .object({
    name: z.string().nullable().openapi({ description: 'the token’s name; null when nobody is signed in' }),
    role: z.enum(['read', 'steer']).nullable(),
  })
  .openapi('Session');

const read = createRoute({
  method: 'get',
  path: '/session',
  summary: 'Who the page is signed in as',
  responses: { 200: json(sessionSchema, 'The session.') },
});
const begin = createRoute({
  method: 'post',
  path: '/session',
  summary: 'Sign in with a token; a cookie that scripts cannot read stands for it from then on',
  request: { body: body(z.strictObject({ token: z.string().max(1000) })) },
  responses: { 200: json(sessionSchema, 'Signed in.'), 401: json(errorSchema, 'Not this token.'), ...badRequestAnswer },
});
const end = createRoute({
  method: 'delete',
  path: '/session',
  summary: 'Sign out',
  responses: { 200: json(sessionSchema, 'Signed out.') },
});

/** A token is never in an address, where histories and logs keep it: the page hands it over once. */
export function sessionRoutes(app: OpenAPIHono, access: Access): void {
  app.openapi(read, (context) => {
    const visitor = context.get('visitor') ?? null;
    return context.json({ name: visitor?.name ?? null, role: visitor?.role ?? null }, 200);
  });

  app.openapi(begin, (context) => {
    const visitor = access.byToken(context.req.valid('json').token);
    if (visitor === null) {
      const error = new HoldlineError('control-token-wrong', 'this is not the token');
      return context.json({ code: error.code, message: error.message, help: error.help }, 401);
    }
    context.header('Set-Cookie', sessionCookie(access.begin(visitor)));
    return context.json({ name: visitor.name, role: visitor.role }, 200);
  });

  app.openapi(end, (context) => {
    const session = sessionIn(context.req.header('cookie'));
    if (session !== null) access.end(session);
    context.header('Set-Cookie', endedCookie);
    return context.json({ name: null, role: null }, 200);
  });
}
