/**
 * The cookie of `balance: sticky-cookie`: a client that brings it back is led to the server that it had. Its value is a
 * keyed hash of the server's name, so that it names no address, and nobody can make one for a server that he has not
 * been given.
 */
import { createHmac } from 'node:crypto';
import type { StickyCookieSpec } from '../../spec/model/upstream.ts';
import { isExcluded } from './server-health.ts';
import type { ServerState } from './server-state.ts';

/** 96 bits: guessing one of a few servers takes longer than anybody has, and the cookie stays short. */
const valueBytes = 12;

/** `key` is the edge's secret for this purpose. */
export function stickyValue(key: string, upstream: string, serverUrl: string): string {
  const digest = createHmac('sha256', key).update(`${upstream}\n${serverUrl}`).digest();
  return digest.subarray(0, valueBytes).toString('base64url');
}

/**
 * The values of the cookie that a request carries: several when a parent domain or a path has set one of the name as
 * well.
 */
export function stickyValues(spec: StickyCookieSpec, cookieHeaders: readonly string[]): string[] {
  return cookieHeaders
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${spec.name}=`))
    .map((pair) => pair.slice(spec.name.length + 1));
}

/**
 * The servers to try, the client's own first. One that failed lately keeps its place behind those that did not: it is
 * gone, and another is chosen.
 */
export function preferOwn(servers: readonly ServerState[], own: ServerState | null, nowMs: number): ServerState[] {
  const takes = own !== null && own.takes === 'new' && servers.includes(own);
  if (!takes || isExcluded(own.health, own.pending, nowMs)) return [...servers];
  return [own, ...servers.filter((server) => server !== own)];
}

/**
 * The value of Set-Cookie. Scripts have no use for it, and other sites must not carry it in with requests of theirs.
 */
export function stickyCookie(spec: StickyCookieSpec, value: string, options: { readonly tls: boolean }): string {
  const parts = [`${spec.name}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (options.tls) parts.push('Secure');
  if (spec.lifetimeMs !== null) parts.push(`Max-Age=${Math.ceil(spec.lifetimeMs / 1000)}`);
  return parts.join('; ');
}
