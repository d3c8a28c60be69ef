/** What the plan is made for. Every field that a user may leave out has its default and its reason here. */
import type { Hop } from '../../base/hop.ts';

export interface Workload {
  /** Connections open at once. */
  readonly connections: number;
  /** Messages per second and connection, both directions together. */
  readonly messagesPerSecond: number;
  readonly messageBytes: number;
  /** New connections per second in quiet times; null: connections / mean life. */
  readonly opensPerSecond: number | null;
  /** Closed connections per second in quiet times; null: as many as open. */
  readonly closesPerSecond: number | null;
  readonly meanLifeMs: number;
  /** After a cut, the time over which all clients come back: their jitter. */
  readonly reconnectSpreadMs: number;
  readonly clientTls: boolean;
  readonly serverTls: boolean;
  /** Bytes of the Cookie header that each handshake carries. */
  readonly cookieBytes: number;
  /**
   * Generations of workers alive at once at the worst moment of a reload; null: derived from reloads and shutdown
   * timeout.
   */
  readonly generations: number | null;
  readonly reloadsPerHour: number | null;
  /** How evenly the kernel spreads connections over workers: mean / fullest, 0.5 to 1. */
  readonly balance: number;
  /** Share of clients that stop reading, at one moment. */
  readonly stalledShare: number;
  /** Different server addresses (address and port) behind nginx; null: unix sockets, which need no ports. */
  readonly servers: number | null;
  /** Local addresses that nginx connects from (proxy_bind). */
  readonly sourceAddresses: number;
  /** Listening sockets per worker. */
  readonly listens: number;
  /** Whoever sends it, client or server: nginx cannot. null: nobody does. */
  readonly heartbeat: { readonly everyMs: number; readonly timeoutMs: number } | null;
  /** How long a connection without a heartbeat may be silent; null: the default. */
  readonly idleTimeoutMs: number | null;
  /** Connections per second that the application closes before the old workers are cut; null: it does not. */
  readonly drainPerSecond: number | null;
  /** Between client and server, nginx left out. */
  readonly hops: readonly Hop[];
  readonly pinned: Pinned;
}

/** Settings that the user has fixed; the plan takes them and says what they cost. */
export interface Pinned {
  readonly workers?: number;
  readonly workerConnections?: number;
  readonly proxyBufferBytes?: number;
  readonly sslBufferBytes?: number;
}

/** A default with its reason, for the reader of a plan. */
interface Defaulted {
  readonly value: unknown;
  readonly because: string;
}

export const workloadDefaults = {
  connections: { value: 10_000, because: 'no number was given; this one is a starting point' },
  messagesPerSecond: { value: 1, because: 'a lively chat or a dashboard; most sockets are quieter' },
  messageBytes: { value: 512, because: 'a JSON event' },
  opensPerSecond: { value: null, because: 'connections / mean life' },
  closesPerSecond: { value: null, because: 'in quiet times as many close as open' },
  meanLifeMs: { value: 3_600_000, because: 'a browser tab lives for about an hour' },
  reconnectSpreadMs: { value: 10_000, because: 'clients that add random delay spread over about ten seconds' },
  clientTls: { value: false, because: 'TLS costs memory, so it must be asked for' },
  serverTls: { value: false, because: 'the servers are behind the proxy, on a trusted network' },
  cookieBytes: { value: 0, because: 'the handshake fits the 1 kB that nginx sets aside' },
  generations: { value: null, because: 'two, or more when reloads come faster than old workers leave' },
  reloadsPerHour: { value: null, because: 'reloads are rare: one at a time' },
  balance: {
    value: 0.9,
    because: 'with EPOLLEXCLUSIVE or reuseport the fullest of four workers held 8 % over the mean',
  },
  stalledShare: { value: 0.001, because: 'one client in a thousand sleeps or has lost its radio' },
  servers: { value: 1, because: 'one server address, until more are named' },
  sourceAddresses: { value: 1, because: 'nginx connects from one address unless proxy_bind says otherwise' },
  listens: { value: 2, because: 'one port on IPv4 and on IPv6' },
  heartbeat: { value: { everyMs: 25_000, timeoutMs: 10_000 }, because: 'shorter than any common idle timeout' },
  idleTimeoutMs: { value: null, because: 'the heartbeat decides; without one, 7 minutes' },
  drainPerSecond: { value: null, because: 'nginx cannot close at a pace; the application may' },
  hops: { value: [], because: 'nothing between client and server but nginx' },
  pinned: { value: {}, because: 'every setting is the plan’s' },
} as const satisfies Record<keyof Workload, Defaulted>;

/** The largest number of connections that a plan is made for; more is a slip of the pen. */
export const connectionsMax = 100_000_000;

export function completeWorkload(said: Partial<Workload>): Workload {
  const defaults = Object.fromEntries(Object.entries(workloadDefaults).map(([key, { value }]) => [key, value]));
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return { ...defaults, ...given } as unknown as Workload;
}

export function opensPerSecond(workload: Workload): number {
  return workload.opensPerSecond ?? workload.connections / (workload.meanLifeMs / 1000);
}

export function plannedClosesPerSecond(workload: Workload): number {
  return workload.closesPerSecond ?? opensPerSecond(workload);
}

/** New connections per second while everybody comes back after a cut. */
export function stormOpensPerSecond(workload: Workload): number {
  return Math.max(opensPerSecond(workload), workload.connections / (workload.reconnectSpreadMs / 1000));
}
