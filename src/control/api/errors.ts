import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Code } from '../../base/catalogue/catalogue.ts';
import { HoldlineError } from '../../base/error.ts';

/** Every error of the control API has this form. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

export function errorBody(error: HoldlineError): ErrorBody {
  return { code: error.code, message: error.message, help: error.help };
}

export function answerError(context: Context, status: ContentfulStatusCode, error: HoldlineError): Response {
  return context.json(errorBody(error), status);
}

/** For what a handler throws: the expected by their code, and faults of ours as 500 without their inside. */
export function answerThrown(context: Context, thrown: Error): Response {
  if (thrown instanceof HoldlineError) return answerError(context, statuses[thrown.code] ?? 500, thrown);
  if (thrown instanceof HTTPException && thrown.status < 500) {
    return answerError(context, thrown.status, new HoldlineError('control-bad-request', thrown.message));
  }
  return answerError(context, 500, new HoldlineError('control-failed', 'the request could not be carried out'));
}

/** The first thing that is wrong with a request, with the place where it is. */
export function badRequest(error: z.ZodError): HoldlineError {
  const issue = error.issues[0];
  const place = issue === undefined ? '' : issue.path.join('.');
  return new HoldlineError(
    'control-bad-request',
    `${place === '' ? '' : `${place}: `}${issue?.message ?? 'not valid'}`,
  );
}

const statuses: Partial<Record<Code, ContentfulStatusCode>> = {
  'control-bad-request': 400,
  'filter-empty': 400,
  'filter-unknown-name': 404,
  'filter-unknown-word': 400,
  'filter-bad-value': 400,
  'control-role': 403,
  'preview-gone': 410,
  'control-viewers': 503,
  'connection-unknown': 404,
  'upstream-unknown': 404,
  'route-unknown': 404,
  'server-unknown': 404,
  'drain-unknown': 404,
  'server-ambiguous': 400,
  'server-not-usable': 400,
  'server-exists': 409,
  'rebalance-by-key': 409,
  'server-managed': 409,
  'upstream-not-managed': 409,
  'server-last': 409,
  'server-not-saved': 422,
  'drain-too-many': 503,
  'engine-cannot': 501,
  'engine-nginx-refused': 422,
  'control-body-too-large': 413,
  'reload-failed': 422,
  'reload-needs-restart': 422,
  'worker-busy': 503,
  'worker-gone': 503,
  'worker-silent': 504,
};
