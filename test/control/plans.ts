import type { EdgePlan } from '../../src/plan/edge/model.ts';
import type { ManagedSpec, RouteSpec, UpstreamSpec } from '../../src/plan/edge/plan.ts';

export function managedSpec(command: string, directory: string, instances: number): ManagedSpec {
  return {
    command,
    directory,
    instances: { min: instances, max: instances, connectionsEach: null, cpu: null, delayMs: null, load: null },
    restartOn: [],
  };
}

const noRules = { set: [], add: [], remove: [] };

export function upstream(fields: Partial<UpstreamSpec> & { readonly name: string }): UpstreamSpec {
  return {
    servers: [],
    balance: { kind: 'least-connections' },
    managed: null,
    verifyTls: true,
    ca: null,
    resolveEveryMs: null,
    health: null,
    slowStartMs: 0,
    rebalance: 'off',
    ...fields,
  };
}

export function route(fields: Partial<RouteSpec> = {}): RouteSpec {
  return {
    name: 'all',
    match: { host: null, path: '/' },
    upstream: 'app',
    path: null,
    headers: { toServer: noRules, toClient: noRules },
    subprotocol: null,
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
    drain: { rate: { perSecond: 200 }, order: 'oldest', code: 1012, reason: 'please connect again' },
    hooks: null,
    compression: 'pass',
    strict: true,
    move: null,
    ...fields,
  };
}

/** A plan for one plain listener on a port of the system's choice. */
export function plan(fields: Partial<EdgePlan> = {}): EdgePlan {
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
    upstreams: [upstream({ name: 'app', servers: [{ url: 'http://127.0.0.1:9', weight: 1, connectionsMax: null }] })],
    routes: [route()],
    drain: { budgetPerSecond: 1000, deadlineMs: 0 },
    workload: { connections: null, messageRatePerSecond: null, messageBytes: null },
    host: { cores: null, memoryBytes: null },
    control: { address: { host: '127.0.0.1', port: 0 }, token: null },
    hooks: null,
    workers: 2,
    limits: {
      connections: 100_000,
      connectionsPerWorker: 50_000,
      handshakesPerSecond: null,
      headBytesMax: 16_384,
      memoryHighBytes: 4e9,
      memoryLowBytes: 3e9,
      descriptorsHigh: 100_000,
      descriptorsLow: 90_000,
    },
    reasons: [],
    ...fields,
  };
}
