/**
 * The spec after reading: every default filled in, every duration in milliseconds, every size in bytes, every
 * rate in events per second. `null` means "no limit" or "off". The YAML form is described in docs/spec.md.
 */

import type { DrainOrder, DrainRate } from '../base/drain.ts';
import type { SocketPlace } from '../base/unix-socket.ts';
import type { UpstreamSpec } from './model/upstream.ts';
import type { HeaderTemplate } from './value/header-template.ts';

export interface Spec {
  /** What carries the connections: the built-in edge, or an nginx that Holdline supervises. */
  readonly engine: 'gateway' | 'nginx';
  readonly listen: readonly ListenSpec[];
  /** CIDR blocks whose X-Forwarded-For, Forwarded and PROXY protocol are believed. */
  readonly trustedProxies: readonly string[];
  readonly upstreams: readonly UpstreamSpec[];
  /**
   * In order of the file; the first that matches best wins (exact host, then wildcard host, then any; longest path).
   */
  readonly routes: readonly RouteSpec[];
  /** Number of worker processes; null lets the plan take one for each core. */
  readonly workers: number | null;
  readonly limits: EdgeLimitsSpec;
  readonly drain: EdgeDrainSpec;
  readonly workload: WorkloadSpec;
  readonly host: HostSpec;
  /** What `holdline lint --spec` goes by, as it was written; absent without one. */
  readonly lint?: Readonly<Record<string, unknown>>;
  readonly control: ControlSpec;
  /** Path of the hooks module, absolute or relative to the spec file; null for none. */
  readonly hooks: string | null;
}

export interface AddressSpec {
  /** `localhost` for a Unix socket, which only this machine reaches. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** Of a Unix socket, in place of host and port. */
  readonly unix?: SocketPlace;
}

export interface ListenSpec {
  readonly address: AddressSpec;
  readonly tls: CertificateSpec | null;
  /** More certificates: for other names, by SNI, or of another kind of key for the same. */
  readonly otherCertificates: readonly CertificateSpec[];
  /** Whose certificates clients may show; null asks for none. */
  readonly clientCertificates: ClientCertificatesSpec | null;
  /** Expect a PROXY protocol header (v1 or v2) from trusted proxies before anything else. */
  readonly proxyProtocol: boolean;
}

/** Paths of PEM files. */
export interface CertificateSpec {
  readonly cert: string;
  readonly key: string;
}

export interface ClientCertificatesSpec {
  /** Path of a PEM file with the certificates of those who sign clients' certificates. */
  readonly ca: string;
  /** False lets in who shows none, or one that cannot be verified; it then counts for nothing. */
  readonly required: boolean;
}

export interface RouteSpec {
  /** For logs and metrics: `host/path` of the match unless the user named it. */
  readonly name: string;
  readonly match: { readonly host: string | null; readonly path: string };
  readonly upstream: string;
  /** null asks the server for the path that the client asked for. */
  readonly path: PathSpec | null;
  readonly headers: { readonly toServer: HeaderRulesSpec; readonly toClient: HeaderRulesSpec };
  /** null passes offers and choices on as they are. */
  readonly subprotocol: SubprotocolSpec | null;
  readonly origins: OriginsSpec;
  readonly heartbeat: HeartbeatSpec | null;
  /** Data frames only, either direction. */
  readonly idleTimeoutMs: number | null;
  readonly lifetimeMs: number | null;
  readonly handshake: HandshakeSpec;
  /** How the route's policy is applied to plain HTTP; null takes none. */
  readonly http: HttpSpec | null;
  readonly limits: RouteLimitsSpec;
  readonly drain: DrainSpec;
  readonly hooks: RouteHooksSpec | null;
  readonly compression: CompressionSpec;
  /** False lets a few faults of old clients and servers pass; docs/spec.md lists them. */
  readonly strict: boolean;
  /** How a client gets another server when its own is lost; null closes it. */
  readonly move: MoveSpec | null;
}

export interface MoveSpec {
  /** null repeats only the handshake. */
  readonly replay: ReplaySpec | null;
}

/** Which of a client's first messages another server gets before all others. */
export interface ReplaySpec {
  /** So many; null: all of them until `until`. */
  readonly messages: number | null;
  /**
   * Source of a regular expression for a message of the server's, which ends the opening; null where `messages` says
   * how many.
   */
  readonly until: string | null;
  /** Frames as they came, headers and control frames between them included. */
  readonly bytesMax: number;
}

/**
 * What becomes of a client's offer to compress. `unless-broken`: it is passed on, but for browsers that are known to
 * break over it.
 */
export type CompressionSpec = 'pass' | 'off' | 'unless-broken';

/** `replace` stands in place of the whole of `match.path`; `strip` is taken off, then `prefix` put in front. */
export interface PathSpec {
  readonly strip: string | null;
  readonly prefix: string | null;
  readonly replace: string | null;
}

/** Names of `set` and `add` as they were written, of `remove` in lower case. */
export interface HeaderRulesSpec {
  readonly set: readonly (readonly [name: string, value: HeaderTemplate])[];
  readonly add: readonly (readonly [name: string, value: HeaderTemplate])[];
  readonly remove: readonly string[];
}

export interface SubprotocolSpec {
  /** Offered to the server whether or not the client offers it. */
  readonly add: string | null;
  /** Never offered to the server; `bearer.*` for all that begin so. */
  readonly remove: readonly string[];
}

export interface OriginsSpec {
  /** null admits every origin. Otherwise exact origins and `https://*.example.com`. */
  readonly allow: readonly string[] | null;
  readonly mode: 'enforce' | 'report';
  /** What happens to a handshake without an Origin header. */
  readonly missing: 'allow' | 'deny';
}

export interface HeartbeatSpec {
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Ping the server as well as the client. */
  readonly server: boolean;
}

export interface HandshakeSpec {
  /** From the first byte of the request to the 101 sent to the client. */
  readonly timeoutMs: number;
  /** Handshakes per second and client address; null for no limit. */
  readonly ratePerSecond: number | null;
  /** How many handshakes above the rate one address may make at once. */
  readonly burst: number;
  readonly authorize: AuthorizeSpec | null;
}

export interface HttpSpec {
  /**
   * Which requests the route's origins are asked about: those that change something, all that carry an Origin as well,
   * or none.
   */
  readonly origins: 'changes' | 'all' | 'off';
  /** Ask the route's authorizer about plain requests, too. */
  readonly authorize: boolean;
  /** `shared`: out of the handshakes' rate. null: no limit. */
  readonly rate: 'shared' | { readonly perSecond: number; readonly burst: number } | null;
  /** For the body of a request to begin with; each KiB of it earns a second more. */
  readonly bodyTimeoutMs: number;
  /** For the head of an answer, and between two pieces of it. */
  readonly answerTimeoutMs: number;
}

export interface AuthorizeSpec {
  readonly url: string;
  readonly timeoutMs: number;
  /** Names of response headers of the authorizer that go on to the server, lower case. */
  readonly headers: readonly string[];
}

export interface RouteLimitsSpec {
  readonly connections: number | null;
  readonly connectionsPerAddress: number | null;
  /** Largest message, bytes over all its fragments, as sent on the wire; null for any. */
  readonly messageBytesMax: number | null;
  readonly messagesPerSecond: number | null;
  readonly bytesPerSecond: number | null;
  /** Bytes that may wait for one slow reader. */
  readonly bufferBytesMax: number;
  /** How long a reader may stay behind with a full buffer. */
  readonly slowConsumerMs: number;
}

/** How a route's connections are closed when they have to be. */
export interface DrainSpec {
  readonly rate: DrainRate;
  readonly order: DrainOrder;
  readonly code: number;
  readonly reason: string;
}

export interface EdgeDrainSpec {
  /**
   * The reconnect budget: connections that the edge closes a second at most, over all drains, since each comes back
   * with a handshake.
   */
  readonly budgetPerSecond: number;
  /** How long the edge drains when it is told to end, before the rest get 1001. */
  readonly deadlineMs: number;
}

export interface RouteHooksSpec {
  /** Deliver whole messages to onMessage: the route runs in message mode. */
  readonly messages: boolean;
  /** What a hook that throws or outlives its deadline means. */
  readonly onFailure: 'refuse' | 'pass';
  readonly deadlineMs: number;
}

export interface EdgeLimitsSpec {
  /** null lets the plan derive it from descriptors and memory. */
  readonly connections: number | null;
  /** Handshakes per second, all addresses together. */
  readonly handshakesPerSecond: number | null;
  /** Of a request, its first line and its empty line included. */
  readonly headBytesMax: number;
}

export interface WorkloadSpec {
  readonly connections: number | null;
  /** Messages per second and connection. */
  readonly messageRatePerSecond: number | null;
  readonly messageBytes: number | null;
}

export interface HostSpec {
  readonly cores: number | null;
  readonly memoryBytes: number | null;
}

export interface ControlSpec {
  readonly address: AddressSpec;
  readonly token: string | null;
}
