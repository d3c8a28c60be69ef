/** A gateway on a free port of loopback in front of a server of the test's, with everything that happened recorded. */
import { systemClock } from '../../src/base/clock.ts';
import type { Gateway, GatewayEvent, GatewayOptions } from '../../src/gateway/contract.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import type { EdgePlan } from '../../src/plan/edge/model.ts';
import type { RouteSpec } from '../../src/plan/edge/plan.ts';
import type { ConnectionEnd, ConnectionRecord } from '../../src/registry/record.ts';

export type RouteChange = {
  readonly [Key in keyof RouteSpec]?: RouteSpec[Key] extends object | null
    ? Partial<NonNullable<RouteSpec[Key]>> | null
    : RouteSpec[Key];
};

export interface TestEdge {
  readonly gateway: Gateway;
  readonly port: number;
  readonly events: GatewayEvent[];
  url(path?: string): string;
  /** The next event of a kind that has not been waited for. */
  next<Kind extends GatewayEvent['kind']>(kind: Kind): Promise<Extract<GatewayEvent, { kind: Kind }>>;
  /** How the next connection ended. */
  ended(): Promise<{ readonly record: ConnectionRecord; readonly end: ConnectionEnd }>;
  close(): Promise<void>;
}

export async function startEdge(
  servers: readonly string[],
  change: RouteChange = {},
  options: Partial<GatewayOptions> = {},
): Promise<TestEdge> {
  const events: GatewayEvent[] = [];
  const waiters: { kind: string; resolve: (event: GatewayEvent) => void }[] = [];
  const seen = new Set<GatewayEvent>();
  const gateway = await startGateway({
    plan: testPlan(servers, change),
    idPrefix: 'test',
    handles: [null],
    certificates: [null],
    clock: systemClock,
    random: Math.random,
    // The whole suite runs on both ways: see vitest.config.ts.
    sockets: process.env.TEST_SOCKETS === 'public' ? 'public' : 'direct',
    onEvent: (event) => {
      events.push(event);
      const index = waiters.findIndex((waiter) => waiter.kind === event.kind);
      if (index === -1) return;
      seen.add(event);
      waiters.splice(index, 1)[0]!.resolve(event);
    },
    ...options,
  });
  const next = <Kind extends GatewayEvent['kind']>(kind: Kind) => {
    type Wanted = Extract<GatewayEvent, { kind: Kind }>;
    const already = events.find((event) => event.kind === kind && !seen.has(event));
    if (already !== undefined) {
      seen.add(already);
      return Promise.resolve(already as Wanted);
    }
    return new Promise<Wanted>((resolve) => waiters.push({ kind, resolve: resolve as (event: GatewayEvent) => void }));
  };
  const port = gateway.addresses[0]!.port;
  return {
    gateway,
    port,
    events,
    url: (path = '/') => `ws://127.0.0.1:${port}${path}`,
    next,
    ended: () => next('closed'),
    close: () => gateway.close({ code: 1001, reason: 'the test is over', graceMs: 500, cause: 'shutdown' }),
  };
}

const noRules = { set: [], add: [], remove: [] };

export function testPlan(servers: readonly string[], change: RouteChange = {}): EdgePlan {
  return {
    engine: 'gateway',
    listen: [
      {
        address: { host: '127.0.0.1', port: 0 },
        tls: null,
        otherCertificates: [],
        clientCertificates: null,
        proxyProtocol: false,
      },
    ],
    trustedProxies: [],
    upstreams: [
      {
        name: 'servers',
        servers: servers.map((url) => ({ url, weight: 1, connectionsMax: null })),
        balance: { kind: 'round-robin' },
        managed: null,
        verifyTls: false,
        health: null,
        slowStartMs: 0,
        rebalance: 'off',
        ca: null,
        resolveEveryMs: null,
      },
    ],
    routes: [testRoute(change)],
    workers: 1,
    limits: {
      connections: 10_000,
      connectionsPerWorker: 10_000,
      handshakesPerSecond: null,
      headBytesMax: 16_384,
      memoryHighBytes: 8e9,
      memoryLowBytes: 7e9,
      descriptorsHigh: 1e6,
      descriptorsLow: 9e5,
    },
    drain: { budgetPerSecond: 1000, deadlineMs: 0 },
    workload: { connections: null, messageRatePerSecond: null, messageBytes: null },
    host: { cores: null, memoryBytes: null },
    control: { address: { host: '127.0.0.1', port: 0 }, token: null },
    hooks: null,
    reasons: [],
  };
}

export function testRoute(change: RouteChange = {}): RouteSpec {
  const route: RouteSpec = {
    name: 'all',
    match: { host: null, path: '/' },
    upstream: 'servers',
    path: null,
    headers: { toServer: noRules, toClient: noRules },
    subprotocol: null,
    origins: { allow: null, mode: 'enforce', missing: 'allow' },
    heartbeat: null,
    idleTimeoutMs: null,
    lifetimeMs: null,
    handshake: { timeoutMs: 5000, ratePerSecond: null, burst: 20, authorize: null },
    http: { origins: 'changes', authorize: true, rate: 'shared', bodyTimeoutMs: 10_000, answerTimeoutMs: 120_000 },
    limits: {
      connections: null,
      connectionsPerAddress: null,
      messageBytesMax: 32 * 1024 * 1024,
      messagesPerSecond: null,
      bytesPerSecond: null,
      bufferBytesMax: 1024 * 1024,
      slowConsumerMs: 10_000,
    },
    drain: { rate: { perSecond: 200 }, order: 'oldest', code: 1012, reason: 'please connect again' },
    hooks: null,
    compression: 'pass',
    strict: true,
    move: null,
  };
  const merged = Object.entries(change).map(([key, value]) => {
    const before = route[key as keyof RouteSpec];
    const both = typeof value === 'object' && value !== null && typeof before === 'object' && before !== null;
    return [key, both ? { ...(before as object), ...(value as object) } : value];
  });
  return { ...route, ...Object.fromEntries(merged) };
}
