import type { IncomingMessage } from 'node:http';
import net from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopbackHost } from '../../base/address.ts';
import { HoldlineError } from '../../base/error.ts';
import type { Access, Visitor } from '../access/access.ts';
import { sessionIn } from '../access/cookie.ts';
import { answerError } from './errors.ts';

export interface GuardOptions {
  /** The name or address that the control API was configured to listen on. */
  readonly ownHost: string;
  readonly access: Access;
  /** By this socket comes somebody who may ask; where there are sockets. */
  readonly onKnown?: (socket: net.Socket) => void;
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Who asks. */
    visitor: Visitor;
  }
}

/** Throws `control-needs-token` when others could reach the address without one. */
export function checkExposure(host: string, token: string | null): void {
  if (token !== null || isLoopbackHost(host)) return;
  throw new HoldlineError('control-needs-token', `the control API would listen on ${host} without a token`);
}

/** Without a token there is the page, which has nothing in it, its sign-in, and what load balancers ask. */
function isOpen(context: Context): boolean {
  const { path } = context.req;
  return (
    path === '/' || path.startsWith('/assets/') || path === '/session' || path === '/healthz' || path === '/readyz'
  );
}

/** Who may speak to the control API: nobody through a foreign page or name, and with a token only who knows it. */
export function guard(options: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const refusal = foreign(context, options.ownHost) ?? unknown(context, options.access);
    if (refusal !== null) return answerError(context, refusal.status, refusal.error);
    // Who calls the app as a function has no environment.
    const incoming = (context.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming;
    if (incoming !== undefined && context.get('visitor') !== undefined) options.onKnown?.(incoming.socket);
    await next();
    return undefined;
  };
}

type Refusal = { readonly status: 401 | 403; readonly error: HoldlineError };

function foreign(context: Context, ownHost: string): Refusal | null {
  const host = context.req.header('host') ?? '';
  if (!isOwnHost(host, ownHost)) {
    return {
      status: 403,
      error: new HoldlineError('control-host-refused', `"${host}" is not a name of this control API`),
    };
  }
  const origin = context.req.header('origin');
  const site = context.req.header('sec-fetch-site');
  const foreignOrigin = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
  // A link from elsewhere to the page is fine; whatever else another site's page asks for is not.
  const foreignSite =
    (site === 'cross-site' || site === 'same-site') && context.req.header('sec-fetch-mode') !== 'navigate';
  if (!foreignOrigin && !foreignSite) return null;
  const whose = origin === undefined ? 'another site' : `"${origin}"`;
  return { status: 403, error: new HoldlineError('control-origin-refused', `a page of ${whose} may not do this`) };
}

function unknown(context: Context, access: Access): Refusal | null {
  const visitor = visitorOf(context, access);
  if (visitor !== null) context.set('visitor', visitor);
  if (isOpen(context)) return null;
  if (visitor === null) {
    context.header('WWW-Authenticate', 'Bearer');
    return { status: 401, error: new HoldlineError('control-token-wrong', 'the token is missing or wrong') };
  }
  if (visitor.role === 'steer' || context.req.method === 'GET' || context.req.method === 'HEAD') return null;
  return { status: 403, error: new HoldlineError('control-role', `the ${visitor.name} may not ${context.req.method}`) };
}

function visitorOf(context: Context, access: Access): Visitor | null {
  const token = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  if (token !== undefined) return access.byToken(token);
  const session = sessionIn(context.req.header('cookie'));
  const known = session === null ? null : access.bySession(session);
  return known ?? (access.open ? access.byToken('') : null);
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
