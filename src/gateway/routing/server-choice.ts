import { order } from '../../policy/balance/balance.ts';
import { hashKeyOf } from '../../policy/balance/hash-key.ts';
import type { ServerState } from '../../policy/balance/server-state.ts';
import { preferOwn, stickyCookie, stickyValue, stickyValues } from '../../policy/balance/sticky.ts';
import type { ForwardedClient } from '../../policy/client-address/forwarded.ts';
import { headerValues } from '../../ws/head.ts';
import type { WorkerState } from '../worker-state.ts';
import type { Upstream } from './upstream.ts';

/** Who asks for a server: a handshake or a plain request, which are led to the same ones. */
export interface Asker {
  readonly request: { readonly url?: string | undefined; readonly rawHeaders: readonly string[] };
  readonly client: ForwardedClient;
}

/** The servers to try for this client, in turn. */
export function serversFor(worker: WorkerState, upstream: Upstream, { request, client }: Asker): ServerState[] {
  const { balance } = upstream.state;
  const nowMs = worker.clock.monotonicMs();
  const header = (name: string) => headerValues(request.rawHeaders, name)[0];
  const hashKey =
    balance.kind === 'hash'
      ? hashKeyOf(balance.key, { clientAddress: client.address, target: request.url ?? '/', header })
      : null;
  const servers = order(upstream.state, { nowMs, random: worker.random, hashKey });
  if (balance.kind !== 'sticky-cookie') return servers;
  const brought = stickyValues(balance.cookie, headerValues(request.rawHeaders, 'cookie'));
  if (brought.length === 0) return servers;
  const own = upstream.state.servers.find((server) => brought.includes(valueFor(worker, upstream, server)));
  return preferOwn(servers, own ?? null, nowMs);
}

/**
 * Headers for the client of the server that was chosen: the cookie that leads it back, where it has not brought the
 * right one.
 */
export function choiceHeaders(
  worker: WorkerState,
  upstream: Upstream,
  asker: Asker,
  server: ServerState,
): readonly string[] {
  const { balance } = upstream.state;
  if (balance.kind !== 'sticky-cookie') return [];
  const value = valueFor(worker, upstream, server);
  const brought = stickyValues(balance.cookie, headerValues(asker.request.rawHeaders, 'cookie'));
  if (brought.length === 1 && brought[0] === value) return [];
  return ['Set-Cookie', stickyCookie(balance.cookie, value, { tls: asker.client.proto === 'https' })];
}

function valueFor(worker: WorkerState, upstream: Upstream, server: ServerState): string {
  const { balance } = upstream.state;
  const secret = balance.kind === 'sticky-cookie' ? balance.cookie.secret : null;
  return stickyValue(secret ?? worker.stickyKey, upstream.spec.name, server.url);
}
