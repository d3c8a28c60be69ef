/** What is served, beside the numbers of the plan: addresses, servers, routes, and where nginx keeps its files. */
import type { NginxPlan } from '../../plan/nginx/plan.ts';
import type { UpstreamSpec } from '../../spec/model/upstream.ts';
import type { AddressSpec, RouteSpec, Spec } from '../../spec/model.ts';

export interface Site extends Pick<Spec, 'listen' | 'trustedProxies' | 'upstreams' | 'routes' | 'limits'> {
  /**
   * Local addresses for the connections to the servers; empty leaves it to the kernel. As many as the plan counts with.
   */
  readonly bind: readonly string[];
  /** Name servers for `server … resolve`; empty for none. */
  readonly resolvers: readonly string[];
  /** Groups with several servers send a client back to the one it had, which polling transports need. */
  readonly sticky: boolean;
  /** Where stub_status answers, on loopback; null for nowhere. */
  readonly status: AddressSpec | null;
  /** Whom the workers run as; null leaves it to the build. */
  readonly user: string | null;
  readonly paths: SitePaths;
  /**
   * True: handshakes are written to the access log as they begin, too, so that whoever reads it knows who is connected.
   */
  readonly tellsOpenings?: boolean;
}

export interface SitePaths {
  readonly pid: string;
  readonly accessLog: string;
  readonly errorLog: string;
  /** Certificates that servers behind https are checked against. */
  readonly authorities: string;
}

/** What is assumed when nobody says otherwise. */
export const siteDefaults = {
  bind: [],
  resolvers: [],
  sticky: false,
  /** Loopback, because it is nobody else's business; a port that common programs leave alone. */
  status: { host: '127.0.0.1', port: 8090 },
  /** As Debian and Ubuntu have it; nginx.org's packages have nginx. */
  user: 'www-data',
  paths: {
    pid: '/run/nginx.pid',
    accessLog: '/var/log/nginx/websocket.log',
    errorLog: '/var/log/nginx/error.log',
    authorities: '/etc/ssl/certs/ca-certificates.crt',
  },
} as const satisfies Partial<Site>;

/** `whole` is an nginx.conf; `fragment` is for a conf.d directory that nginx.conf includes in http. */
export type Form = 'whole' | 'fragment';

/** Listening sockets of one worker: the plan has to count with as many. */
export function listenCount(site: Pick<Site, 'listen' | 'status'>, form: Form): number {
  return site.listen.length + (form === 'whole' && site.status !== null ? 1 : 0);
}

/** Everything that the parts of the generator read. */
export interface GenerateTask {
  readonly plan: NginxPlan;
  readonly site: Site;
  readonly form: Form;
  /** Routes in the order of the spec; the number is part of the names of their maps and zones. */
  readonly routes: readonly NumberedRoute[];
}

export interface NumberedRoute extends RouteSpec {
  readonly number: number;
}

export function upstreamOf(site: Site, route: Pick<RouteSpec, 'upstream'>): UpstreamSpec | undefined {
  return site.upstreams.find((upstream) => upstream.name === route.upstream);
}

/** True for a group in which a client is to be sent back to its server. */
export function isSticky(site: Site, upstream: UpstreamSpec): boolean {
  return (site.sticky || upstream.balance.kind === 'sticky-cookie') && upstream.servers.length > 1;
}

/** The key of a hash over something that a client may not send; null for other ways of balancing. */
export function hashVariable(upstream: UpstreamSpec): string | null {
  const { balance } = upstream;
  if (balance.kind !== 'hash') return null;
  switch (balance.key.by) {
    case 'ip':
      return null;
    case 'header':
      return `$http_${balance.key.name.toLowerCase().replaceAll('-', '_')}`;
    case 'cookie':
      return `$cookie_${balance.key.name}`;
    case 'query':
      return `$arg_${balance.key.name}`;
  }
}

export function hasTls(site: Pick<Site, 'listen'>): boolean {
  return site.listen.some((listen) => listen.tls !== null);
}

/** Whether the Origin header decides anything on a route. */
export function checksOrigin({ origins }: RouteSpec): boolean {
  return origins.allow !== null || origins.missing === 'deny';
}
