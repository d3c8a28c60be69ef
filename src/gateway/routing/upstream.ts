import net from 'node:net';
import { createSecureContext } from 'node:tls';
import { emptyRecord } from '../../base/record.ts';
import { socketPathOf } from '../../base/unix-socket.ts';
import type { UpstreamSpec } from '../../plan/edge/plan.ts';
import {
  heldServer,
  type ListedServer,
  newUpstreamState,
  openServers,
  passiveSignOf,
  type ServerState,
  setPeerConnections,
  setServers,
  type UpstreamState,
} from '../../policy/balance/server-state.ts';
import type { PassiveSign } from '../../policy/health/status.ts';
import type { ServerAddress } from '../handshake/server-wire.ts';

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
  /** Off the plan, and still with connections. */
  #leaving: Upstream[] = [];
  /** Servers of upstreams that were off the plan before this worker began. */
  readonly #strangers = newUpstreamState({ kind: 'round-robin' }, []);

  get(name: string): Upstream | undefined {
    return this.#byName.get(name);
  }

  /**
   * The counts of a server that a connection is with which this worker did not dial. One that is on no list is kept
   * aside for as long as it holds something.
   */
  held(name: string, url: string): ServerState {
    const upstream = this.#byName.get(name) ?? this.#leaving.find((each) => each.spec.name === name);
    return heldServer(upstream?.state ?? this.#strangers, url);
  }

  /** Managed upstreams keep the servers that `setServers` gave them. */
  apply(specs: readonly UpstreamSpec[]): void {
    const names = new Set(specs.map((spec) => spec.name));
    for (const [name, upstream] of this.#byName) {
      if (names.has(name)) continue;
      this.#byName.delete(name);
      replaceServers(upstream, []);
      this.#leaving.push(upstream);
    }
    for (const spec of specs) {
      const known = this.#byName.get(spec.name) ?? this.#returning(spec.name);
      if (known === undefined) {
        this.#byName.set(spec.name, newUpstream(spec));
        continue;
      }
      this.#byName.set(spec.name, known);
      known.spec = spec;
      known.addresses.clear();
      known.state.balance = spec.balance;
      if (spec.managed === null) replaceServers(known, spec.servers);
    }
  }

  setServers(name: string, servers: readonly ListedServer[]): void {
    const upstream = this.#byName.get(name);
    if (upstream !== undefined) replaceServers(upstream, servers);
  }

  setPeerConnections(connectionsByServer: Readonly<Record<string, number>>): void {
    for (const upstream of this.#byName.values()) setPeerConnections(upstream.state, connectionsByServer);
  }

  /** Connections of this worker by server URL, those on servers and upstreams that have been removed included. */
  openByServer(): Record<string, number> {
    const open = emptyRecord<number>();
    this.#leaving = this.#leaving.filter((upstream) => openServers(upstream.state).length > 0);
    const states = [...this.#byName.values(), ...this.#leaving].map(({ state }) => state);
    for (const state of [...states, this.#strangers]) {
      for (const server of openServers(state)) open[server.url] = (open[server.url] ?? 0) + server.connections;
    }
    return open;
  }

  /** Servers that this worker passes over, by URL. */
  passiveSigns(nowMs: number): Record<string, PassiveSign> {
    const signs = emptyRecord<PassiveSign>();
    for (const upstream of this.#byName.values()) {
      for (const server of upstream.state.servers) {
        const sign = passiveSignOf(server, nowMs);
        if (sign !== null) signs[server.url] = sign;
      }
    }
    return signs;
  }

  #returning(name: string): Upstream | undefined {
    const found = this.#leaving.find((upstream) => upstream.spec.name === name);
    this.#leaving = this.#leaving.filter((upstream) => upstream !== found);
    return found;
  }
}

/** The address of a server of the upstream; the spec's reader has checked the URL. */
export function addressOf(upstream: Upstream, server: ServerState): ServerAddress {
  let address = upstream.addresses.get(server.url);
  if (address === undefined) {
    address = serverAddress(server, upstream.spec);
    upstream.addresses.set(server.url, address);
  }
  return address;
}

function newUpstream(spec: UpstreamSpec): Upstream {
  return { spec, state: newUpstreamState(spec.balance, spec.servers), addresses: new Map() };
}

function replaceServers(upstream: Upstream, servers: readonly ListedServer[]): void {
  setServers(upstream.state, servers);
  upstream.addresses.clear();
}

function serverAddress({ url, name }: ServerState, { verifyTls, ca }: UpstreamSpec): ServerAddress {
  const socketPath = socketPathOf(url);
  if (socketPath !== null) {
    const nowhere = { host: 'localhost', port: 80, origin: 'http://localhost', servername: null };
    return { url, ...nowhere, socketPath, tls: false, verifyTls, authorities: null };
  }
  const { protocol, hostname, port, origin } = new URL(url);
  const tls = protocol === 'https:';
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const authorities = !tls || ca === null ? null : { ca, context: createSecureContext({ ca }) };
  return {
    url,
    host,
    port: port === '' ? (tls ? 443 : 80) : Number(port),
    socketPath,
    origin: name === null ? origin : `${protocol}//${name}${port === '' ? '' : `:${port}`}`,
    servername: net.isIP(name ?? host) === 0 ? (name ?? host) : null,
    tls,
    verifyTls,
    authorities,
  };
}
