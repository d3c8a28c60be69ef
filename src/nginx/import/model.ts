/** What comes out of reading somebody's configuration as a spec: the spec, and what became of each of its lines. */
import type { Diagnostic, Where } from '../../base/diagnostic.ts';

/**
 * `kept`: a setting of the spec says it. `not-needed`: the edge does it by itself, or has no use for it. `lost`: the
 * spec cannot say it.
 */
export type FateKind = 'kept' | 'not-needed' | 'lost';

/** What became of one line. */
export interface Fate {
  readonly outcome: FateKind;
  /** The line's words, without its block. */
  readonly line: string;
  /** Which setting it became, why it is not needed, or why it cannot be kept and what to do. */
  readonly text: string;
  readonly where: Where;
}

/** An imported spec, as `defineConfig` takes it. Only what differs from the defaults is written. */
export interface ImportedSpec {
  listen?: ImportedListen[];
  trustedProxies?: string[];
  limits?: { head?: string };
  workers?: number;
  drain?: { deadline: string };
  upstreams: Record<string, ImportedUpstream>;
  routes: ImportedRoute[];
}

export interface ImportedListen {
  address: string;
  tls?: { cert: string; key: string }[];
  clientCertificates?: { ca: string; required?: boolean };
  proxyProtocol?: boolean;
}

export interface ImportedUpstream {
  servers: (string | { url: string; weight?: number; connections?: number })[];
  balance?: string | { hash: 'ip' | { header?: string; cookie?: string; query?: string } } | ImportedSticky;
  slowStart?: string;
  resolve?: string;
  ca?: string;
  verifyTls?: boolean;
}

export interface ImportedSticky {
  'sticky-cookie': { name: string; lifetime?: string };
}

export interface ImportedHeaders {
  set?: Record<string, string>;
  add?: Record<string, string>;
  remove?: string[];
}

export interface ImportedRoute {
  match?: { host?: string; path?: string };
  upstream: string;
  path?: { strip?: string; prefix?: string; replace?: string };
  headers?: { toServer?: ImportedHeaders; toClient?: ImportedHeaders };
  origins?: string[] | { allow: string[] | 'any'; missing: 'deny' };
  heartbeat?: { every: string; timeout: string };
  idleTimeout?: string;
  handshake?: {
    timeout?: string;
    rate?: string;
    burst?: number;
    authorize?: { url: string; headers?: string[] };
  };
  http?: 'off' | { origins?: 'all' | 'off'; answerTimeout?: string };
  limits?: { connections?: number; perIp?: number; slowConsumer?: string };
  compression?: 'off';
}

/** A request by which the configuration and the spec are held against each other. */
export interface ProvedRequest {
  readonly kind: 'websocket' | 'plain';
  readonly scheme: 'http' | 'https';
  /** Of the server's own listeners: the port that it comes in on; null for a Unix socket. */
  readonly port: number | null;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  /** null sends none. */
  readonly origin: string | null;
}

export interface RouteSource {
  /** `sites/app.conf:12 location /ws`. */
  readonly text: string;
  readonly where: Where;
  /** False for a location that passes no upgrade on. */
  readonly webSocket: boolean;
  /** How long nginx keeps a tunnel in which nothing comes (proxy_read_timeout). */
  readonly silenceMs: number;
}

export interface Imported {
  /** null when nothing of the configuration could become a route. */
  readonly spec: ImportedSpec | null;
  /** For each route of the spec: the location that it comes from. */
  readonly routesFrom: readonly RouteSource[];
  readonly fates: readonly Fate[];
  /** Requests that both answer alike. */
  readonly requests: readonly ProvedRequest[];
  readonly diagnostics: readonly Diagnostic[];
}
