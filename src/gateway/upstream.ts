import { emptyRecord } from '../base/record.ts';
import type { ServerSpec, UpstreamSpec } from '../plan/edge/plan.ts';
import {
  newUpstreamState,
  type ServerState,
  setPeerConnections,
  setServers,
  type UpstreamState,
} from '../policy/balance/server-state.ts';
import type { ServerAddress } from './handshake/server-wire.ts';

/** One upstream as a worker lives with it: how its servers are doing, and where they are. */
export interface Upstream {
  spec: UpstreamSpec;
  readonly state: UpstreamState;
  /** By URL. */
  readonly addresses: Map<string, ServerAddress>;
}

/** The upstreams of one worker, by name. They outlive a reload, with what is known of their servers. */
export class Upstreams {
  readonly #byName = new Map<string, Upstream>();

  get(name: string): Upstream | undefined {
    return this.#byName.get(name);
  }

  /** Managed upstreams keep the servers that `setServers` gave them. */
  apply(specs: readonly UpstreamSpec[]): void {
    const names = new Set(specs.map((spec) => spec.name));
    for (const name of this.#byName.keys()) if (!names.has(name)) this.#byName.delete(name);
    for (const spec of specs) {
      const known = this.#byName.get(spec.name);
      if (known === undefined) {
        this.#byName.set(spec.name, newUpstream(spec));
        continue;
      }
      known.spec = spec;
      known.state.balance = spec.balance;
      if (spec.managed === null) replaceServers(known, spec.servers);
    }
  }

  setServers(name: string, servers: readonly ServerSpec[]): void {
    const upstream = this.#byName.get(name);
    if (upstream !== undefined) replaceServers(upstream, servers);
  }

  setPeerConnections(connectionsByServer: Readonly<Record<string, number>>): void {
    for (const upstream of this.#byName.values()) setPeerConnections(upstream.state, connectionsByServer);
  }

  /** Connections of this worker by server URL. */
  openByServer(): Record<string, number> {
    const open = emptyRecord<number>();
    for (const upstream of this.#byName.values()) {
      for (const server of upstream.state.servers) open[server.url] = (open[server.url] ?? 0) + server.connections;
    }
    return open;
  }
}

/** The address of a server of the upstream; the spec's reader has checked the URL. */
export function addressOf(upstream: Upstream, server: ServerState): ServerAddress {
  let address = upstream.addresses.get(server.url);
  if (address === undefined) {
    address = parseServerUrl(server.url, upstream.spec.verifyTls);
    upstream.addresses.set(server.url, address);
  }
  return address;
}

function newUpstream(spec: UpstreamSpec): Upstream {
  return { spec, state: newUpstreamState(spec.balance, spec.servers), addresses: new Map() };
}

function replaceServers(upstream: Upstream, servers: readonly ServerSpec[]): void {
  setServers(upstream.state, servers);
  upstream.addresses.clear();
}

function parseServerUrl(url: string, verifyTls: boolean): ServerAddress {
  const { protocol, hostname, port } = new URL(url);
  const tls = protocol === 'https:';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return { url, host, port: port === '' ? (tls ? 443 : 80) : Number(port), tls, verifyTls };
}
