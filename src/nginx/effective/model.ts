/**
 * What a configuration really does, block by block. Everything refers back to the statements it comes from, so that a
 * finding can show the line. Values are computed when asked for (`valueIn`, `backendHeaders`, `describe`), because a
 * large configuration has more of them than anybody reads.
 */

import type { NginxVersion } from '../../base/nginx-version.ts';
import type { Configuration, Statement } from '../syntax/tree.ts';

export type ScopeKind = 'main' | 'events' | 'http' | 'server' | 'location' | 'if' | 'limit_except' | 'upstream';

/** A block in which directives have values. */
export interface Scope {
  readonly kind: ScopeKind;
  /** Null for the top of the configuration, and for the blocks around a fragment, which are in no file. */
  readonly statement: Statement | null;
  readonly parent: Scope | null;
  /** For messages: `http`, `server app.example.com`, `location /ws/`, `if ($a)`. */
  readonly label: string;
  /** What stands in this very block (includes replaced), by directive name, in order. */
  readonly own: ReadonlyMap<string, readonly Statement[]>;
}

/**
 * `own`: it stands in the block. `inherited`: in one around it. `default`: nowhere, nginx's default for the target
 * applies. `unset`: nowhere, and there is no default.
 */
export type Origin = 'own' | 'inherited' | 'default' | 'unset';

/** A line that does not apply in a block although it stands in a block around it (or earlier in the same one). */
export interface LostLine {
  readonly statement: Statement;
  readonly scope: Scope;
  /** The line that displaced it: the first of the inner block's own set. */
  readonly to: Statement;
}

/** The value of one directive in one scope, and where it comes from. */
export interface EffectiveValue {
  readonly name: string;
  readonly origin: Origin;
  /** The scope whose lines apply; null for `default` and `unset`. */
  readonly from: Scope | null;
  /** The lines that apply, in order; one for a plain value, all of them for a set such as proxy_set_header. */
  readonly statements: readonly Statement[];
  /** The arguments of each line; for a default one row; empty for `unset`. */
  readonly rows: readonly (readonly string[])[];
  /** Arguments of the last row, joined with spaces; null for `unset`. */
  readonly text: string | null;
  /** Lines of outer scopes that this scope's (or a scope between's) own lines displaced. */
  readonly lost: readonly LostLine[];
}

/**
 * How a location matches: by prefix, exactly, by prefix with no regex tried after it, by regex (case-sensitive or not),
 * or by name only.
 */
export type LocationModifier = 'prefix' | '=' | '^~' | '~' | '~*' | '@';

/** What produces the answer. `other` covers return-less modules such as stub_status, empty_gif, perl. */
export type Handler =
  | { readonly kind: 'proxy'; readonly statement: Statement; readonly target: ProxyTarget }
  | { readonly kind: 'grpc' | 'fastcgi' | 'uwsgi' | 'scgi' | 'memcached'; readonly statement: Statement }
  | { readonly kind: 'return'; readonly statement: Statement; readonly status: number | null; readonly text: string }
  | { readonly kind: 'lua'; readonly statement: Statement }
  | { readonly kind: 'other'; readonly statement: Statement }
  | { readonly kind: 'static' };

/** Where proxy_pass goes. */
export interface ProxyTarget {
  /** As written. */
  readonly url: string;
  /** Null when the URL starts with a variable. */
  readonly scheme: 'http' | 'https' | null;
  /** Host, with its port when written, or `unix:/path`; may hold variables. */
  readonly authority: string;
  /** The URI behind the authority, which replaces the matched part of the request's; null when there is none. */
  readonly uri: string | null;
  readonly hasVariables: boolean;
  /** The group of that name, when the configuration defines it. */
  readonly upstream: NginxUpstream | null;
}

export type JumpKind = 'try_files' | 'error_page' | 'rewrite' | 'index' | 'auth_request' | 'mirror' | 'post_action';

/** A way on which a request that was in one location ends up (or also goes) in another. */
export interface Jump {
  readonly kind: JumpKind;
  readonly statement: Statement;
  readonly from: Location;
  /** The URI or `@name` as written. */
  readonly to: string;
  /** The location it leads to, when that can be told. */
  readonly location: Location | null;
  /**
   * `always`: every request that gets there. `sometimes`: depends on the request, files or the answer. `subrequest`:
   * the request itself stays.
   */
  readonly when: 'always' | 'sometimes' | 'subrequest';
}

/** A `location`, or an `if` or `limit_except` inside one, which nginx treats as a location of its own. */
export interface Location extends Scope {
  readonly kind: 'location' | 'if' | 'limit_except';
  readonly parent: Scope;
  readonly server: Server;
  /** Of an `if`: those of the location around it. */
  readonly modifier: LocationModifier;
  /** The path, regex or name (with its `@`) without the modifier. */
  readonly pattern: string;
  /** Condition of an `if`, or methods of a limit_except. */
  readonly condition: readonly string[];
  readonly handler: Handler;
  /** Locations inside this one, `if` and `limit_except` included. */
  readonly locations: readonly Location[];
  readonly jumps: readonly Jump[];
  /** Jumps of other locations that lead here. */
  readonly reachedBy: readonly Jump[];
}

/** An address a server listens on. */
export interface Listen {
  readonly statement: Statement | null;
  readonly address: string;
  /** Null for a unix socket. */
  readonly port: number | null;
  readonly ssl: boolean;
  readonly http2: boolean;
  readonly quic: boolean;
  readonly reuseport: boolean;
  readonly defaultServer: boolean;
  readonly proxyProtocol: boolean;
  /** The value of so_keepalive=, or null. */
  readonly soKeepalive: string | null;
  readonly backlog: number | null;
}

export interface Server extends Scope {
  readonly kind: 'server';
  readonly names: readonly string[];
  readonly listens: readonly Listen[];
  /** Direct children, `if` blocks of the server included. */
  readonly locations: readonly Location[];
}

/** A server of an upstream group. */
export interface UpstreamServer {
  readonly statement: Statement;
  readonly address: string;
  readonly weight: number;
  readonly maxConns: number;
  readonly backup: boolean;
  readonly down: boolean;
  readonly resolve: boolean;
}

export type Balancing =
  | 'round-robin'
  | 'least-conn'
  | 'ip-hash'
  | 'hash'
  | 'random'
  | 'sticky'
  | 'least-time'
  | 'lua'
  | 'other';

export interface NginxUpstream extends Scope {
  readonly kind: 'upstream';
  readonly name: string;
  readonly servers: readonly UpstreamServer[];
  readonly balancing: Balancing;
  /** The key of `hash`, as written. */
  readonly hashKey: string | null;
  readonly consistent: boolean;
  readonly sticky: boolean;
  readonly zone: string | null;
  /** Idle connections kept per worker: written, or the target's default; 0 means that none are kept. */
  readonly keepalive: { readonly connections: number; readonly origin: 'own' | 'default' };
}

/** A `map`, as a table. */
export interface VariableMap {
  readonly statement: Statement;
  /** The text whose value is looked up: usually one variable. */
  readonly source: string;
  /** With its `$`. */
  readonly variable: string;
  /** In order; `default` has its own field. */
  readonly entries: readonly MapEntry[];
  readonly default: { readonly value: string; readonly statement: Statement } | null;
  readonly hostnames: boolean;
}

export interface MapEntry {
  readonly statement: Statement;
  /** As nginx compares it: `~` and `~*` regexes keep their mark; a leading `\` of a literal is taken off. */
  readonly key: string;
  readonly regex: boolean;
  readonly value: string;
}

/** The whole. */
export interface Effective {
  readonly configuration: Configuration;
  readonly target: NginxVersion;
  /** False for a fragment, or when an include could not be read: then nothing can be called missing. */
  readonly complete: boolean;
  readonly main: Scope;
  readonly events: Scope | null;
  readonly http: Scope | null;
  readonly servers: readonly Server[];
  /** All of all servers, nested ones and `if` blocks included, in the order of the text. */
  readonly locations: readonly Location[];
  readonly upstreams: ReadonlyMap<string, NginxUpstream>;
  /** By variable, with its `$`; the last definition of a variable counts. */
  readonly maps: ReadonlyMap<string, VariableMap>;
}

/** What is known of a value at reading time. */
export type Resolved =
  | { readonly known: true; readonly value: string }
  | { readonly known: false; readonly because: string };

/** One header of the request that nginx sends to the backend. */
export interface BackendHeader {
  /** As written. */
  readonly name: string;
  /** The name in lower case, as names are compared. */
  readonly key: string;
  /** The value as written, variables and all; the empty string means that the header is not sent. */
  readonly value: string;
  readonly origin: 'own' | 'inherited' | 'default';
  readonly from: Scope | null;
  readonly statement: Statement | null;
}

/** A kind of request for which the headers that reach the backend are worked out. */
export type RequestKind = 'websocket' | 'h2c' | 'plain';

/** What the backend gets for one kind of request. An empty known value means that the header is not sent. */
export interface HandshakeHeaders {
  readonly upgrade: Resolved;
  readonly connection: Resolved;
  readonly host: Resolved;
  readonly httpVersion: '1.0' | '1.1' | '2';
}

/** All that `holdline lint --effective` prints of a location. */
export interface LocationDescription {
  readonly location: Location;
  /** From the location outwards: `location /ws/`, `server app.example.com`, `http`. */
  readonly within: readonly string[];
  readonly values: readonly EffectiveValue[];
  readonly headers: readonly BackendHeader[];
  readonly handshake: Readonly<Record<RequestKind, HandshakeHeaders>> | null;
  /** Jumps followed to their ends: each chain starts with a jump of this location. */
  readonly chains: readonly (readonly Jump[])[];
}
