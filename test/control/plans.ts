import type { EdgePlan } from '../../src/plan/edge/model.ts';
import type { RouteSpec, UpstreamSpec } from '../../src/plan/edge/plan.ts';

export function upstream(fields: Partial<UpstreamSpec> & { readonly name: string }): UpstreamSpec {
  return { servers: [], balance: { kind: 'least-connections' }, managed: null, verifyTls: true, ...fields };
}

export function route(fields: Partial<RouteSpec> = {}): RouteSpec {
  return {
    name: 'all',
    match: { host: null, path: '/' },
    upstream: 'app',
    origins: { allow: null, mode: 'enforce', missing: 'allow' },
    heartbeat: null,
    idleTimeoutMs: null,
    lifetimeMs: null,
    handshake: { timeoutMs: 10_000, ratePerSecond: null, burst: 10, authorize: null },
    http: { origins: 'changes', authorize: true, rate: 'shared', bodyTimeoutMs: 10_000, answerTimeoutMs: 120_000 },
    limits: {
      connections: null,
      connectionsPerAddress: null,
      messageBytesMax: 1_048_576,
      messagesPerSecond: null,
      bytesPerSecond: null,
      bufferBytesMax: 1_048_576,
      slowConsumerMs: 30_000,
    },
    drain: { ratePerSecond: 200, code: 1012 },
    hooks: null,
    compression: 'pass',
    strict: true,
    ...fields,
  };
}

/** A plan for one plain listener on a port of the system's choice. */
export function plan(fields: Partial<EdgePlan> = {}): EdgePlan {
  return {
    engine: 'gateway',
    listen: [{ address: { host: '127.0.0.1', port: 0 }, tls: null, proxyProtocol: false }],
    trustedProxies: [],
    upstreams: [upstream({ name: 'app', servers: [{ url: 'http://127.0.0.1:9', weight: 1, connectionsMax: null }] })],
    routes: [route()],
    workload: { connections: null, messageRatePerSecond: null, messageBytes: null },
    host: { cores: null, memoryBytes: null },
    control: { address: { host: '127.0.0.1', port: 0 }, token: null },
    hooks: null,
    workers: 2,
    limits: {
      connections: 100_000,
      connectionsPerWorker: 50_000,
      handshakesPerSecond: null,
      memoryHighBytes: 4e9,
      memoryLowBytes: 3e9,
      descriptorsHigh: 100_000,
      descriptorsLow: 90_000,
    },
    reasons: [],
    ...fields,
  };
}
