import type { z } from '@hono/zod-openapi';
import { errorSchema } from './schemas.ts';

/** Shorthand for the descriptions of the routes. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { content: { 'application/json': { schema } }, description };
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { content: { 'application/json': { schema } }, required: true };
}

export const badRequestAnswer = { 400: json(errorSchema, 'The request is not as described.') };
export const unknownNameAnswer = {
  404: json(errorSchema, 'The filter names a route or an upstream that is not there.'),
};
export const unknownAnswer = { 404: json(errorSchema, 'No live connection has this id.') };
