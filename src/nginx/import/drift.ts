/**
 * An nginx configuration against a spec, by meaning: what a client would notice, whatever the two are called and in
 * whatever order.
 */
import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic, Where } from '../../base/diagnostic.ts';
import { formatDuration } from '../../base/units.ts';
import { compileRoutes, matchRoute, type RouteTable } from '../../policy/routes/route.ts';
import type { RouteSpec, Spec } from '../../spec/model.ts';
import { formatHostPort } from '../../spec/value/address.ts';
import { facets, listenFacets } from './drift-facets.ts';
import type { Fate, RouteSource } from './model.ts';

export interface DriftRequest {
  /** What the configuration amounts to, read as a spec, and where its routes stand. */
  readonly nginx: Spec;
  readonly routesFrom: readonly RouteSource[];
  readonly fates: readonly Fate[];
  readonly spec: Spec;
}

/** Empty when both do the same. */
export function driftBetween(request: DriftRequest): readonly Diagnostic[] {
  return [...routesDrift(request), ...listenDrift(request), ...trustDrift(request), ...onlyInNginx(request)];
}

interface Difference {
  readonly what: string;
  readonly nginx: string;
  readonly spec: string;
  readonly consequence: string;
  readonly where?: Where | undefined;
}

function found({ what, nginx, spec, consequence, where }: Difference): Diagnostic {
  const { severity, remedy } = catalogue['drift-found'];
  const message = `${what}: ${nginx} in nginx, ${spec} in the spec`;
  return {
    code: 'drift-found',
    severity,
    message,
    why: consequence,
    help: remedy,
    ...(where !== undefined && { where }),
  };
}

/** Two routes that take the same clients; null where one of the two takes them not. */
interface Pair {
  readonly route: RouteSpec;
  readonly theirs: { readonly route: RouteSpec; readonly from: RouteSource } | null;
  readonly ours: RouteSpec | null;
}

function routesDrift({ nginx, spec, routesFrom }: DriftRequest): Diagnostic[] {
  const from = (route: RouteSpec) => routesFrom[nginx.routes.indexOf(route)]!;
  const takes = { nginx: compileRoutes(nginx.routes), spec: compileRoutes(spec.routes) };
  const inNginx = nginx.routes.map((route): Pair => {
    return { route, theirs: { route, from: from(route) }, ours: counterpart(takes.spec, route) };
  });
  // What nginx has under the same host and path is compared already.
  const others = spec.routes.filter((route) => !nginx.routes.some((each) => isSameMatch(each, route)));
  const inSpec = others.map((route): Pair => {
    const theirs = counterpart(takes.nginx, route);
    return { route, theirs: theirs === null ? null : { route: theirs, from: from(theirs) }, ours: route };
  });
  return [...inNginx, ...inSpec].flatMap(({ route, theirs, ours }): Diagnostic[] => {
    if (theirs === null)
      return [
        found({
          what: nameOf(route),
          nginx: 'no WebSocket location',
          spec: 'a route',
          consequence: 'clients of this path connect through the edge, and nginx does not upgrade them',
        }),
      ];
    if (ours !== null) {
      const facet = facetDrift({ nginx, spec }, theirs.route, ours, { ...theirs.from, name: nameOf(route) });
      return theirs.from.webSocket ? [...facet, ...silenceDrift(nameOf(route), ours, theirs.from)] : facet;
    }
    if (!theirs.from.webSocket) return [];
    return [
      found({
        what: nameOf(route),
        nginx: 'a location',
        spec: 'no route',
        consequence: 'clients of this path connect through nginx, and the edge answers them with 404',
        where: theirs.from.where,
      }),
    ];
  });
}

/** The route that takes the clients of another one, by the same rules as the edge. */
function counterpart(table: RouteTable<RouteSpec>, { match }: RouteSpec): RouteSpec | null {
  return matchRoute(table, match.host?.replace(/^\*/, 'any'), match.path) ?? null;
}

function isSameMatch(a: RouteSpec, b: RouteSpec): boolean {
  const bare = (path: string) => path.replace(/\/+$/, '');
  return a.match.host === b.match.host && bare(a.match.path) === bare(b.match.path);
}

function nameOf({ match }: RouteSpec): string {
  return `route ${match.host ?? ''}${match.path}`;
}

function facetDrift(
  specs: { readonly nginx: Spec; readonly spec: Spec },
  route: RouteSpec,
  other: RouteSpec,
  from: RouteSource & { readonly name: string },
): Diagnostic[] {
  return facets.flatMap(({ name, of, consequence }) => {
    const [a, b] = [of(route, specs.nginx), of(other, specs.spec)];
    if (a === b) return [];
    return [
      found({
        what: `${from.name}, ${name}`,
        nginx: a,
        spec: b,
        consequence: consequence(a, b),
        where: from.where,
      }),
    ];
  });
}

/** nginx counts any bytes and knows no pings; the edge pings, or counts messages. */
function silenceDrift(
  name: string,
  { heartbeat, idleTimeoutMs }: RouteSpec,
  { silenceMs, where }: RouteSource,
): Diagnostic[] {
  const nginx = `proxy_read_timeout ${formatDuration(silenceMs)}`;
  const what = `${name}, silence`;
  if (heartbeat !== null) {
    if (silenceMs > heartbeat.everyMs) return [];
    const spec = `a ping every ${formatDuration(heartbeat.everyMs)}`;
    return [
      found({ what, nginx, spec, consequence: 'nginx cuts a silent connection before the next ping comes', where }),
    ];
  }
  if (idleTimeoutMs === silenceMs) return [];
  if (idleTimeoutMs === null && silenceMs > longestMs) return [];
  const spec = idleTimeoutMs === null ? 'no idle timeout' : `idleTimeout: ${formatDuration(idleTimeoutMs)}`;
  const first = idleTimeoutMs === null || silenceMs < idleTimeoutMs ? 'nginx' : 'the edge';
  return [found({ what, nginx, spec, consequence: `${first} cuts a silent connection that the other keeps`, where })];
}

const longestMs = 24 * 86_400_000;

function listenDrift({ nginx, spec, fates }: DriftRequest): Diagnostic[] {
  const at = (specs: Spec) => new Map(specs.listen.map((listen) => [formatHostPort(listen.address), listen]));
  const [theirs, ours] = [at(nginx), at(spec)];
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((address): Diagnostic[] => {
    const [a, b] = [theirs.get(address), ours.get(address)];
    const what = `listen ${address}`;
    const where = fates.find(
      ({ line, text }) => line.startsWith('listen') && `${text};`.startsWith(`listen: ${address};`),
    )?.where;
    if (a === undefined || b === undefined) {
      const [inNginx, inSpec] = a === undefined ? ['nothing', 'a listener'] : ['a listener', 'nothing'];
      const who = a === undefined ? 'the edge' : 'nginx';
      return [
        found({ what, nginx: inNginx, spec: inSpec, consequence: `clients of this address reach ${who} alone`, where }),
      ];
    }
    return listenFacets.flatMap(({ name, of, same, consequence }) => {
      const [left, right] = [of(a), of(b)];
      if (left === right || same?.(left, right) === true) return [];
      return [found({ what: `${what}${name}`, nginx: left, spec: right, consequence, where })];
    });
  });
}

function trustDrift({ nginx, spec, fates }: DriftRequest): Diagnostic[] {
  const [a, b] = [nginx, spec].map(({ trustedProxies }) => [...trustedProxies].toSorted().join(', ') || 'nobody') as [
    string,
    string,
  ];
  if (a === b) return [];
  const where = fates.find(({ line }) => line.startsWith('set_real_ip_from'))?.where;
  return [
    found({
      what: 'trustedProxies',
      nginx: a,
      spec: b,
      consequence:
        'a client’s address is taken from a header by one of the two and not by the other: limits, logs and X-Forwarded-For differ',
      where,
    }),
  ];
}

/** What decides who gets through or where to, and has no setting in any spec. */
const deciding =
  /^(?:allow|deny|auth_basic|auth_jwt|if|access_by_lua|rewrite_by_lua|limit_conn|limit_req|real_ip_header|server .*\bbackup\b|location)\b/;

function onlyInNginx({ fates }: DriftRequest): Diagnostic[] {
  return fates
    .filter(({ outcome, line }) => outcome === 'lost' && deciding.test(line))
    .map(({ line, text, where }) =>
      found({ what: line, nginx: 'this line', spec: 'nothing like it', consequence: text, where }),
    );
}
