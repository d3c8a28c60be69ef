import type { HealthSpec, ServerSpec } from '../../plan/edge/plan.ts';
import type { ListedServer, Takes } from '../../policy/balance/server-state.ts';
import type { CheckState } from '../../policy/health/check.ts';
import { warmShare } from '../../policy/health/slow-start.ts';
import { type PassiveSign, type ServerStatus, statusOf } from '../../policy/health/status.ts';

/** Who put a server on the list. */
export type ServerOrigin = 'spec' | 'command' | 'managed';

/** One that Holdline starts itself. */
export interface ManagedServer extends ServerSpec {
  /** Why it takes no new connections and will end; null while it stays. */
  readonly leaving: string | null;
}

/** One server as the supervisor knows it. */
export interface ServerEntry {
  readonly upstream: string;
  spec: ServerSpec;
  origin: ServerOrigin;
  /** False once it has been removed; it is kept while it holds connections. */
  listed: boolean;
  draining: boolean;
  leaving: string | null;
  /** When it left the list, on the monotonic clock; 0 while it is on it. */
  leftMs: number;
  /** null without checks. */
  check: CheckState | null;
  stopChecks: () => void;
  passive: PassiveSign | null;
  connections: number;
  /** When it joined or came back, on the monotonic clock; null when it is warm. */
  warmSinceMs: number | null;
  status: ServerStatus;
  /** Milliseconds since 1970. */
  statusSinceMs: number;
}

/** What one supervisor tells the next of a server. What its checks and the workers say of it is found out anew. */
export interface KeptServer
  extends Pick<ServerEntry, 'upstream' | 'spec' | 'origin' | 'listed' | 'draining' | 'leaving' | 'connections'>,
    Pick<ServerEntry, 'status' | 'statusSinceMs'> {
  readonly well: boolean;
  /** It has passed its check: one that fails from now on hangs, and was not given a wrong check. */
  readonly passed: boolean;
}

/** A server as people and programs see it. */
export interface ServerRow {
  readonly upstream: string;
  readonly url: string;
  readonly state: ServerStatus['state'];
  /** Empty for one that is up. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
  readonly origin: ServerOrigin;
  readonly weight: number;
  /** 0 to 1: the part of its weight that it has while it starts slowly. */
  readonly share: number;
  readonly connectionsMax: number | null;
  /** Live, over all workers. */
  readonly connections: number;
  /** The last check's words; null without checks. */
  readonly check: string | null;
  /** What a restart of the edge would forget; null when the spec says the same. */
  readonly unsaved: 'added' | 'removed' | 'drained' | null;
}

export function newEntry(upstream: string, spec: ServerSpec, origin: ServerOrigin, nowMs: number): ServerEntry {
  return {
    upstream,
    spec,
    origin,
    listed: true,
    draining: false,
    leaving: null,
    leftMs: 0,
    check: null,
    stopChecks: () => undefined,
    passive: null,
    connections: 0,
    warmSinceMs: null,
    status: { state: 'up', reason: '' },
    statusSinceMs: nowMs,
  };
}

export function currentStatus(entry: ServerEntry): ServerStatus {
  const { listed, draining, leaving, check, passive } = entry;
  return statusOf({
    listed,
    draining,
    leaving,
    passive,
    checkFailure: check !== null && !check.well ? check.detail : null,
  });
}

/** What the workers are told of it. */
export function listing(entry: ServerEntry, slowStartMs: number, monotonicMs: number): ListedServer {
  const { spec, draining, leaving, check } = entry;
  const takes: Takes = draining || leaving !== null ? 'none' : check !== null && !check.well ? 'last' : 'new';
  return { ...spec, weight: spec.weight * shareOf(entry, slowStartMs, monotonicMs), takes };
}

export function shareOf({ warmSinceMs }: ServerEntry, slowStartMs: number, monotonicMs: number): number {
  // In twentieths: the workers are told of a step, not of every tick.
  return warmSinceMs === null ? 1 : Math.ceil(warmShare(monotonicMs - warmSinceMs, slowStartMs) * 20) / 20;
}

export function sameHealth(a: HealthSpec | null, b: HealthSpec | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function keptServer(entry: ServerEntry): KeptServer {
  const { upstream, spec, origin, listed, draining, leaving, connections, check, status, statusSinceMs } = entry;
  const well = check === null || check.well;
  const passed = check !== null && check.passedMs !== null;
  return { upstream, spec, origin, listed, draining, leaving, connections, status, statusSinceMs, well, passed };
}

/** `inSpec`: the spec has this server. `share`: the part of its weight that it has. */
export function serverRow(entry: ServerEntry, inSpec: boolean, share: number): ServerRow {
  const { upstream, spec, status, origin, connections } = entry;
  const changed =
    origin === 'managed' ? null : !inSpec && entry.listed ? 'added' : inSpec && !entry.listed ? 'removed' : null;
  return {
    upstream,
    url: spec.url,
    state: status.state,
    reason: status.reason,
    sinceMs: entry.statusSinceMs,
    origin,
    weight: spec.weight,
    share,
    connectionsMax: spec.connectionsMax,
    connections,
    check: entry.check === null ? null : entry.check.detail,
    unsaved: changed ?? (entry.listed && entry.draining && origin !== 'managed' ? 'drained' : null),
  };
}
