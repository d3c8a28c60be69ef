/**
 * The upstreams of a spec after reading: their servers, how they are balanced, checked and, when Holdline starts them,
 * run.
 */

export type BalanceSpec =
  | { readonly kind: 'round-robin' | 'least-connections' | 'random-two' }
  | { readonly kind: 'hash'; readonly key: HashKeySpec }
  | { readonly kind: 'sticky-cookie'; readonly cookie: StickyCookieSpec };

export interface StickyCookieSpec {
  readonly name: string;
  /** null: until the browser is closed. */
  readonly lifetimeMs: number | null;
  /** What the values are keyed with; null takes a key that the edge makes when it starts. */
  readonly secret: string | null;
}

export type HashKeySpec = { readonly by: 'ip' } | { readonly by: 'header' | 'cookie' | 'query'; readonly name: string };

export interface ServerSpec {
  /**
   * `http://10.0.0.1:9000`, `unix:/run/app.sock`, `srv+http://_ws._tcp.example.com`; a path of requests is not allowed.
   */
  readonly url: string;
  /** The name that an address was found by: what Host and TLS say, and what a certificate is checked for. */
  readonly name?: string;
  readonly weight: number;
  /** Most connections at once; null for no limit. */
  readonly connectionsMax: number | null;
}

export interface UpstreamSpec {
  readonly name: string;
  readonly servers: readonly ServerSpec[];
  readonly balance: BalanceSpec;
  /** Set when Holdline starts the servers itself and gives each a PORT. */
  readonly managed: ManagedSpec | null;
  /** How often names of servers are looked up, to take each of their addresses for a server; null never does. */
  readonly resolveEveryMs: number | null;
  /** For https servers: false accepts any certificate. */
  readonly verifyTls: boolean;
  /**
   * For https servers: path of a PEM file with whom to trust instead of the public authorities; in the plan of an edge,
   * its text.
   */
  readonly ca: string | null;
  /** Active checks; null for none. */
  readonly health: HealthSpec | null;
  /** How long a server that joins or returns takes to get its full share; 0 for none. */
  readonly slowStartMs: number;
  /** `auto`: clients are moved away from servers that hold more than their share, when that lasts. */
  readonly rebalance: 'auto' | 'off';
}

export interface HealthSpec {
  /**
   * `http`: a GET that has to be answered with 2xx or 3xx. `websocket`: a handshake that has to end in 101. `tcp`: a
   * connection.
   */
  readonly check: 'http' | 'websocket' | 'tcp';
  /** For http and websocket. */
  readonly path: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Failures in a row that take a server out, and successes in a row that bring it back. */
  readonly fall: number;
  readonly rise: number;
}

export interface ManagedSpec {
  readonly command: string;
  /** Working directory, absolute or relative to the spec file. */
  readonly directory: string;
  readonly instances: InstancesSpec;
  /** Files whose change restarts the instances one after the other; absolute or relative to `directory`. */
  readonly restartOn: readonly string[];
}

export interface InstancesSpec {
  readonly min: number;
  readonly max: number;
  /** Connections that one instance is meant to hold; null leaves them out of the decision. */
  readonly connectionsEach: number | null;
  /** Share of one processor, mean of the instances, above which another is started; null leaves it out. */
  readonly cpu: number | null;
  /** Delay of an instance’s event loop above which another is started; null leaves it out. */
  readonly delayMs: number | null;
  /** Path where an instance tells its load; null leaves the processors to what the system says. */
  readonly load: string | null;
}
