import { createHash, timingSafeEqual } from 'node:crypto';
import net from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopbackHost } from '../../base/address.ts';
import { HoldlineError } from '../../base/error.ts';
import { answerError } from './errors.ts';

export interface GuardOptions {
  /** The name or address that the control API was configured to listen on. */
  readonly ownHost: string;
  /** null lets everybody in who reaches the address, which is then a loopback one. */
  readonly token: string | null;
}

/** Throws `control-needs-token` when others could reach the address without one. */
export function checkExposure(host: string, token: string | null): void {
  if (token !== null || isLoopbackHost(host)) return;
  throw new HoldlineError('control-needs-token', `the control API would listen on ${host} without a token`);
}

/** Paths that tell only whether the edge is well, for load balancers that cannot carry a token. */
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** Who may speak to the control API: nobody through a foreign page or name, and with a token only who knows it. */
export function guard(options: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const refusal = refusalOf(context, options);
    if (refusal !== null) return answerError(context, refusal.status, refusal.error);
    await next();
    return undefined;
  };
}

function refusalOf(context: Context, options: GuardOptions): { status: 401 | 403; error: HoldlineError } | null {
  const host = context.req.header('host') ?? '';
  if (!isOwnHost(host, options.ownHost)) {
    return {
      status: 403,
      error: new HoldlineError('control-host-refused', `"${host}" is not a name of this control API`),
    };
  }
  const origin = context.req.header('origin');
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return { status: 403, error: new HoldlineError('control-origin-refused', `a page of "${origin}" may not do this`) };
  }
  if (options.token === null || openPaths.has(context.req.path)) return null;
  if (hasToken(context.req.header('authorization'), options.token)) return null;
  context.header('WWW-Authenticate', 'Bearer');
  return { status: 401, error: new HoldlineError('control-token-wrong', 'the token is missing or wrong') };
}

/**
 * A rebinding attack needs a name that the attacker's DNS answers for; so an IP address is as good as the name we
 * were given and `localhost`, whatever the port (it may be forwarded).
 */
export function isOwnHost(header: string, ownHost: string): boolean {
  const name = header.replace(/:\d*$/, '').toLowerCase();
  if (name === 'localhost' || name === ownHost.toLowerCase()) return true;
  return net.isIPv4(name) || (name.startsWith('[') && name.endsWith(']') && net.isIPv6(name.slice(1, -1)));
}

/** Compares digests, so that neither the length nor the first wrong character shows in the time it takes. */
function hasToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
