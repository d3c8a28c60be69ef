import { type DrainRate, parseDrainRate } from '../base/drain.ts';
import { defaultBurst, defaults } from './defaults.ts';
import type { HealthSpec, ManagedSpec, UpstreamSpec } from './model/upstream.ts';
import type {
  AddressSpec,
  HandshakeSpec,
  HeaderRulesSpec,
  HeartbeatSpec,
  HttpSpec,
  MoveSpec,
  OriginsSpec,
  PathSpec,
  RouteHooksSpec,
  RouteLimitsSpec,
  RouteSpec,
  Spec,
} from './model.ts';
import type { WrittenRoute } from './schema/route.ts';
import type { WrittenAddress } from './schema/socket.ts';
import type { WrittenSpec } from './schema/spec.ts';
import type { WrittenUpstream } from './schema/upstream.ts';
import { parseHostPort } from './value/address.ts';

/** Completes what was written with the defaults. Everything in it has been checked one by one; not yet as a whole. */
export function fillSpec(written: WrittenSpec): Spec {
  const listen: NonNullable<WrittenSpec['listen']> = written.listen ?? [{ address: addressOf(defaults.listen.value) }];
  return {
    engine: written.engine ?? 'gateway',
    listen: listen.map((entry) => ({
      address: placed(entry.address, entry, defaults.socketMode.value),
      tls: entry.tls?.[0] ?? null,
      otherCertificates: entry.tls?.slice(1) ?? [],
      clientCertificates:
        entry.clientCertificates === undefined
          ? null
          : {
              ca: entry.clientCertificates.ca,
              required: entry.clientCertificates.required ?? defaults.clientCertificatesRequired.value,
            },
      proxyProtocol: entry.proxyProtocol ?? false,
    })),
    trustedProxies: written.trustedProxies ?? defaults.trustedProxies.value,
    upstreams: Object.entries(written.upstreams).map(([name, upstream]) => fillUpstream(name, upstream)),
    routes: withNames(written.routes.map((route) => fillRoute(route, written.hooks !== undefined))),
    workers: written.workers ?? defaults.workers.value,
    limits: {
      connections: written.limits?.connections ?? defaults.edgeConnections.value,
      handshakesPerSecond: written.limits?.handshakes ?? defaults.handshakesPerSecond.value,
      headBytesMax: written.limits?.head ?? defaults.headBytesMax.value,
    },
    drain: {
      budgetPerSecond: written.drain?.budget ?? defaults.drainBudgetPerSecond.value,
      deadlineMs: written.drain?.deadline ?? defaults.drainDeadlineMs.value,
    },
    workload: {
      connections: written.workload?.connections ?? null,
      messageRatePerSecond: written.workload?.messageRate ?? null,
      messageBytes: written.workload?.messageSize ?? null,
    },
    host: { cores: written.host?.cores ?? null, memoryBytes: written.host?.memory ?? null },
    control: {
      address: placed(
        written.control?.address ?? addressOf(defaults.control.value),
        written.control ?? {},
        defaults.controlSocketMode.value,
      ),
      token: written.control?.token ?? null,
    },
    hooks: written.hooks ?? null,
    ...(written.lint !== undefined && { lint: written.lint }),
  };
}

function placed(
  { path, ...address }: WrittenAddress,
  written: { readonly mode?: number | undefined; readonly owner?: string | undefined },
  mode: number,
): AddressSpec {
  if (path === undefined) return address;
  return { ...address, unix: { path, mode: written.mode ?? mode, owner: written.owner ?? null } };
}

function fillUpstream(name: string, written: WrittenUpstream): UpstreamSpec {
  return {
    name,
    servers: (written.servers ?? []).map((server) => ({
      url: server.url,
      weight: server.weight ?? defaults.weight.value,
      connectionsMax: server.connections ?? defaults.serverConnections.value,
    })),
    balance: written.balance ?? { kind: defaults.balance.value },
    managed: written.command === undefined ? null : fillManaged(written.command, written),
    verifyTls: written.verifyTls ?? defaults.verifyTls.value,
    ca: written.ca ?? null,
    resolveEveryMs: written.resolve === undefined ? defaults.resolveEveryMs.value : written.resolve,
    health: fillHealth(written.health),
    slowStartMs: written.slowStart === undefined ? defaults.slowStartMs.value : (written.slowStart ?? 0),
    rebalance: written.rebalance ?? defaults.rebalance.value,
  };
}

function fillManaged(command: string, written: WrittenUpstream): ManagedSpec {
  const min = written.instances?.min ?? defaults.instances.value;
  return {
    command,
    directory: written.directory ?? defaults.directory.value,
    instances: {
      min,
      max: written.instances?.max ?? min,
      connectionsEach: written.instances?.connectionsEach ?? null,
      cpu: written.instances?.cpu ?? defaults.instancesCpu.value,
      delayMs: written.instances?.delay ?? null,
      load: written.instances?.load ?? null,
    },
    restartOn: written.restartOn ?? [],
  };
}

function fillHealth(written: WrittenUpstream['health']): HealthSpec | null {
  if (written === undefined || written === null) return null;
  const everyMs = written.every ?? defaults.healthEveryMs.value;
  return {
    check: written.check ?? defaults.healthCheck.value,
    path: written.path ?? defaults.healthPath.value,
    everyMs,
    // Who asks for quicker checks and says nothing of the wait means a quicker answer too.
    timeoutMs: written.timeout ?? Math.min(defaults.healthTimeoutMs.value, everyMs),
    fall: written.fall ?? defaults.healthFall.value,
    rise: written.rise ?? defaults.healthRise.value,
  };
}

/** A route whose name is null still has to get one from its match. */
type Unnamed = Omit<RouteSpec, 'name'> & { readonly name: string | null };

function fillRoute(written: WrittenRoute, withHooks: boolean): Unnamed {
  const heartbeat = fillHeartbeat(written.heartbeat);
  const idleDefault = heartbeat === null ? defaults.idleTimeoutAloneMs : defaults.idleTimeoutWithHeartbeatMs;
  return {
    name: written.name ?? null,
    match: { host: written.match?.host ?? null, path: written.match?.path ?? defaults.matchPath.value },
    upstream: written.upstream,
    path: fillPath(written.path),
    headers: { toServer: fillHeaders(written.headers?.toServer), toClient: fillHeaders(written.headers?.toClient) },
    subprotocol:
      written.subprotocol === undefined
        ? null
        : { add: written.subprotocol.add ?? null, remove: written.subprotocol.remove ?? [] },
    origins: fillOrigins(written.origins),
    heartbeat,
    idleTimeoutMs: written.idleTimeout === undefined ? idleDefault.value : written.idleTimeout,
    lifetimeMs: written.lifetime ?? defaults.lifetimeMs.value,
    handshake: fillHandshake(written.handshake),
    http: fillHttp(written.http),
    limits: fillLimits(written.limits),
    drain: {
      rate: written.drain?.rate ?? drainRateOf(defaults.drainRate.value),
      order: written.drain?.order ?? defaults.drainOrder.value,
      code: written.drain?.code ?? defaults.drainCode.value,
      reason: written.drain?.reason ?? defaults.drainReason.value,
    },
    hooks: fillHooks(written.hooks, withHooks),
    compression: written.compression ?? defaults.compression.value,
    strict: written.strict ?? defaults.strict.value,
    move: fillMove(written),
  };
}

function fillMove({ onServerLoss, replay }: WrittenRoute): MoveSpec | null {
  if ((onServerLoss ?? defaults.onServerLoss.value) === 'close') return null;
  if (replay === undefined) return { replay: null };
  const { messages = null, until = null, max = defaults.replayBytesMax.value } = replay;
  return { replay: { messages, until, bytesMax: max } };
}

function fillPath(written: WrittenRoute['path']): PathSpec | null {
  if (written === undefined) return null;
  return { strip: written.strip ?? null, prefix: written.prefix ?? null, replace: written.replace ?? null };
}

function fillHeaders(written: NonNullable<WrittenRoute['headers']>['toServer']): HeaderRulesSpec {
  return { set: written?.set ?? [], add: written?.add ?? [], remove: written?.remove ?? [] };
}

function fillOrigins(written: WrittenRoute['origins']): OriginsSpec {
  return {
    allow: written?.allow ?? null,
    mode: written?.mode ?? defaults.originsMode.value,
    missing: written?.missing ?? defaults.originsMissing.value,
  };
}

function fillHeartbeat(written: WrittenRoute['heartbeat']): HeartbeatSpec | null {
  if (written === null) return null;
  const everyMs = written?.every ?? defaults.heartbeatEveryMs.value;
  return {
    everyMs,
    // Who asks for quicker pings and says nothing of the wait means a quicker answer too.
    timeoutMs: written?.timeout ?? Math.min(defaults.heartbeatTimeoutMs.value, Math.ceil(everyMs / 2)),
    server: written?.server ?? defaults.heartbeatServer.value,
  };
}

function fillHandshake(written: WrittenRoute['handshake']): HandshakeSpec {
  const ratePerSecond = written?.rate ?? defaults.handshakeRate.value;
  const authorize = written?.authorize;
  return {
    timeoutMs: written?.timeout ?? defaults.handshakeTimeoutMs.value,
    ratePerSecond,
    burst: written?.burst ?? defaultBurst(ratePerSecond),
    authorize:
      authorize === undefined
        ? null
        : {
            url: authorize.url,
            timeoutMs: authorize.timeout ?? defaults.authorizeTimeoutMs.value,
            headers: authorize.headers ?? [],
          },
  };
}

function fillHttp(written: WrittenRoute['http']): HttpSpec | null {
  if (written === null) return null;
  const perSecond = written?.rate;
  return {
    origins: written?.origins ?? defaults.httpOrigins.value,
    authorize: written?.authorize ?? defaults.httpAuthorize.value,
    rate:
      perSecond === undefined
        ? defaults.httpRate.value
        : perSecond === null
          ? null
          : { perSecond, burst: written?.burst ?? defaultBurst(perSecond) },
    bodyTimeoutMs: written?.bodyTimeout ?? defaults.httpBodyTimeoutMs.value,
    answerTimeoutMs: written?.answerTimeout ?? defaults.httpAnswerTimeoutMs.value,
  };
}

function fillLimits(written: WrittenRoute['limits']): RouteLimitsSpec {
  return {
    connections: written?.connections ?? defaults.routeConnections.value,
    connectionsPerAddress: written?.perIp ?? defaults.connectionsPerAddress.value,
    messageBytesMax: written?.message === undefined ? defaults.messageBytesMax.value : written.message,
    messagesPerSecond: written?.messages ?? defaults.messagesPerSecond.value,
    bytesPerSecond: written?.bytes ?? defaults.bytesPerSecond.value,
    bufferBytesMax: written?.buffer ?? defaults.bufferBytesMax.value,
    slowConsumerMs: written?.slowConsumer ?? defaults.slowConsumerMs.value,
  };
}

function fillHooks(written: WrittenRoute['hooks'], withHooks: boolean): RouteHooksSpec | null {
  if (written === null || (written === undefined && !withHooks)) return null;
  return {
    messages: written?.messages ?? defaults.hookMessages.value,
    onFailure: written?.onFailure ?? defaults.hookOnFailure.value,
    deadlineMs: written?.deadline ?? defaults.hookDeadlineMs.value,
  };
}

/**
 * `app.example.com/chat/`, `/chat/`; a number follows when two routes match the same, so that each keeps its own
 * counts.
 */
function withNames(routes: readonly Unnamed[]): RouteSpec[] {
  const taken = new Set(routes.map((route) => route.name));
  return routes.map((route) => {
    if (route.name !== null) return { ...route, name: route.name };
    const base = `${route.match.host ?? ''}${route.match.path}`;
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}@${number}`;
    taken.add(name);
    return { ...route, name };
  });
}

function drainRateOf(text: string): DrainRate {
  const read = parseDrainRate(text);
  if (!read.ok) throw new Error(read.problem);
  return read.value;
}

function addressOf(text: string): { host: string; port: number } {
  const read = parseHostPort(text, '0.0.0.0');
  if (!read.ok) throw new Error(read.problem);
  return read.value;
}
