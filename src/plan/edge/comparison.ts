import type { UpstreamSpec } from '../../spec/model/upstream.ts';
import type { ListenSpec, RouteSpec } from '../../spec/model.ts';
import { formatHostPort } from '../../spec/value/address.ts';
import type { EdgePlan } from './model.ts';

/** Which parts of a plan changed in meaning. Names are those of the plan; a listener's is its address. */
export interface PlanChanges {
  readonly listeners: Difference;
  readonly upstreams: Difference;
  readonly routes: Difference;
  readonly trustedProxies: boolean;
  readonly workers: boolean;
  readonly limits: boolean;
  readonly 'limits.head': boolean;
  readonly drain: boolean;
  readonly control: boolean;
  readonly hooks: boolean;
}

export interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Compares what two plans mean: order where order means nothing, reasons, and what was only planned with are left out.
 */
export function comparePlans(before: EdgePlan, after: EdgePlan): PlanChanges {
  return {
    listeners: difference(before.listen.map(named.listener), after.listen.map(named.listener)),
    upstreams: difference(before.upstreams.map(named.upstream), after.upstreams.map(named.upstream)),
    routes: difference(before.routes.map(named.route), after.routes.map(named.route)),
    trustedProxies: !same(asSet(before.trustedProxies), asSet(after.trustedProxies)),
    workers: before.workers !== after.workers,
    limits: !same({ ...before.limits, headBytesMax: 0 }, { ...after.limits, headBytesMax: 0 }),
    'limits.head': before.limits.headBytesMax !== after.limits.headBytesMax,
    drain: !same(before.drain, after.drain),
    control: !same(before.control, after.control),
    hooks: before.hooks !== after.hooks,
  };
}

/** True when going from one plan to the other would change nothing for anybody. */
export function samePlan(before: EdgePlan, after: EdgePlan): boolean {
  return Object.values(comparePlans(before, after)).every((change: Difference | boolean) =>
    typeof change === 'boolean' ? !change : change.added.length + change.removed.length + change.changed.length === 0,
  );
}

interface Named {
  readonly name: string;
  readonly meaning: unknown;
}

const named = {
  listener: (listen: ListenSpec): Named => ({
    name: formatHostPort(listen.address),
    meaning: boundTo(listen),
  }),
  upstream: (upstream: UpstreamSpec): Named => ({
    name: upstream.name,
    // The place of a server in the list is part of what a hash picks; for every other way of balancing it is not.
    meaning: upstream.balance.kind === 'hash' ? upstream : { ...upstream, servers: asSet(upstream.servers) },
  }),
  route: (route: RouteSpec): Named => ({
    name: route.name,
    meaning: { ...route, origins: { ...route.origins, allow: route.origins.allow && asSet(route.origins.allow) } },
  }),
};

/**
 * Certificates are exchanged while the listener runs; that there are any is a part of it, and so is whether clients
 * need one.
 */
function boundTo({ tls, otherCertificates: _, clientCertificates, ...rest }: ListenSpec) {
  return { ...rest, tls: tls !== null, clients: clientCertificates === null ? null : clientCertificates.required };
}

/** Port 0 may be listened on twice: entries of one name are compared as one list. */
function difference(before: readonly Named[], after: readonly Named[]): Difference {
  const old = grouped(before);
  const now = grouped(after);
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].filter(([name, meaning]) => old.has(name) && old.get(name) !== meaning).map(([name]) => name),
  };
}

function grouped(all: readonly Named[]): Map<string, string> {
  const groups = new Map<string, string>();
  for (const { name, meaning } of all) groups.set(name, (groups.get(name) ?? '') + canonical(meaning));
  return groups;
}

function asSet(values: readonly unknown[]): string[] {
  return [...new Set(values.map(canonical))].sort();
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with the keys of every object in order, so that equal values have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
