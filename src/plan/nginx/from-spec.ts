/**
 * What a spec says about the workload and the host; what it leaves open stays open for the defaults and the machine.
 */
import type { RouteSpec, Spec } from '../../spec/model.ts';
import type { MachineFacts } from './machine.ts';
import type { Workload } from './workload.ts';

export function workloadFromSpec(spec: Spec): Partial<Workload> {
  const { connections, messageRatePerSecond, messageBytes } = spec.workload;
  const servers = spec.upstreams.reduce(
    (total, upstream) => total + (upstream.managed?.instances.max ?? upstream.servers.length),
    0,
  );
  const idle = least(spec.routes, (route) => route.idleTimeoutMs);
  return {
    ...(connections === null ? {} : { connections }),
    ...(messageRatePerSecond === null ? {} : { messagesPerSecond: messageRatePerSecond }),
    ...(messageBytes === null ? {} : { messageBytes }),
    ...(servers > 0 ? { servers } : {}),
    ...(spec.listen.length > 0 ? { listens: spec.listen.length } : {}),
    ...(spec.routes.length > 0 ? { heartbeat: slowestHeartbeat(spec.routes) } : {}),
    ...(idle === null ? {} : { idleTimeoutMs: idle }),
    clientTls: spec.listen.some((listen) => listen.tls !== null),
    serverTls: spec.upstreams.some((upstream) => upstream.servers.some((server) => server.url.startsWith('https:'))),
  };
}

export function machineFromSpec(spec: Spec): Partial<Pick<MachineFacts, 'cores' | 'memoryBytes'>> {
  const { cores, memoryBytes } = spec.host;
  return { ...(cores === null ? {} : { cores }), ...(memoryBytes === null ? {} : { memoryBytes }) };
}

/**
 * One nginx serves all routes, so the slowest heartbeat is the one every timeout has to outlast; one route without it
 * means none.
 */
function slowestHeartbeat(routes: readonly RouteSpec[]): Workload['heartbeat'] {
  if (routes.some((route) => route.heartbeat === null)) return null;
  return routes
    .map((route) => route.heartbeat!)
    .reduce((slowest, heartbeat) => (heartbeat.everyMs > slowest.everyMs ? heartbeat : slowest));
}

function least(routes: readonly RouteSpec[], of: (route: RouteSpec) => number | null): number | null {
  const values = routes.map(of).filter((value) => value !== null);
  return values.length === 0 ? null : Math.min(...values);
}
