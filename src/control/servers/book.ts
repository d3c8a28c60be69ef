import type { EdgePlan } from '../../plan/edge/model.ts';
import type { ServerSpec, UpstreamSpec } from '../../plan/edge/plan.ts';
import type { ListedServer } from '../../policy/balance/server-state.ts';
import { newCheckState, takeCheck } from '../../policy/health/check.ts';
import type { PassiveSign } from '../../policy/health/status.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import { type CheckerOptions, startChecks } from './checker.ts';
import {
  currentStatus,
  type KeptServer,
  keptServer,
  listing,
  type ManagedServer,
  newEntry,
  type ServerEntry,
  type ServerOrigin,
  type ServerRow,
  serverRow,
  shareOf,
} from './entry.ts';

/** From a connection that opens to its being counted here: a report of its worker and a tick of the supervisor, with room. */
export const countsAreOldMs = 1500;

/** What the workers report of the servers, over all of them. */
export interface ServerReport {
  readonly openByServer: Readonly<Record<string, number>>;
  readonly passive: Readonly<Record<string, PassiveSign>>;
}

/**
 * All servers of all upstreams: those of the spec, those added by command, those that Holdline starts, and those that left and still hold
 * connections. One book for the edge: the workers get their lists from here.
 */
export interface ServerBook {
  rows(): ServerRow[];
  find(upstream: string, url: string): ServerEntry | undefined;
  /** What the workers are to know, by upstream. */
  lists(): Record<string, readonly ListedServer[]>;
  /** Takes over a plan. What was done by command stays done. Returns the servers that left with it. */
  apply(plan: EdgePlan): ServerEntry[];
  /** Servers that Holdline starts itself, as they are now. */
  setManaged(upstream: string, servers: readonly ManagedServer[]): void;
  /** Puts a server on the list, or back on it. */
  add(upstream: string, server: ServerSpec): ServerEntry;
  setDraining(entry: ServerEntry, draining: boolean): void;
  remove(entry: ServerEntry): void;
  /** The spec says now what was done by command. */
  saved(entry: ServerEntry): void;
  kept(): KeptServer[];
  /** After the plan was applied: what another supervisor knew. Returns the servers that have left with the plan since. */
  restore(kept: readonly KeptServer[]): ServerEntry[];
  /** Called twice a second with what the workers say. */
  tick(report: ServerReport): void;
  close(): void;
}

export interface ServerBookOptions {
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  readonly onEvent: EdgeEventSink;
  readonly onList: (upstream: string, servers: readonly ListedServer[]) => void;
  /** Starts the checks of one server; tests put their own in. */
  readonly checks?: (options: CheckerOptions) => () => void;
}

export function serverBook(options: ServerBookOptions): ServerBook {
  const { nowMs, monotonicMs, checks = startChecks } = options;
  const upstreams = new Map<string, UpstreamSpec>();
  const entries = new Map<string, ServerEntry>();
  /** What each upstream's workers were last told, so that they are told of changes only. */
  const told = new Map<string, string>();

  const keyOf = (upstream: string, url: string) => `${upstream} ${url}`;
  const of = (upstream: string) => [...entries.values()].filter((entry) => entry.upstream === upstream);
  const slowStartOf = (upstream: string) => upstreams.get(upstream)?.slowStartMs ?? 0;

  function listOf(upstream: string): ListedServer[] {
    return of(upstream)
      .filter((entry) => entry.listed)
      .map((entry) => listing(entry, slowStartOf(upstream), monotonicMs()));
  }

  function publish(upstream: string): void {
    const list = listOf(upstream);
    const text = JSON.stringify(list);
    if (told.get(upstream) === text) return;
    told.set(upstream, text);
    options.onList(upstream, list);
  }

  /** Says once that a server has become something else. */
  function restate(entry: ServerEntry): void {
    const before = entry.status;
    entry.status = currentStatus(entry);
    if (before.state === entry.status.state) return;
    entry.statusSinceMs = nowMs();
    const wasAway = before.state === 'down' || (before.state === 'suspect' && before.reason !== entry.status.reason);
    if (entry.status.state === 'up' && (wasAway || before.state === 'draining') && slowStartOf(entry.upstream) > 0)
      entry.warmSinceMs = monotonicMs();
    options.onEvent({
      kind: 'server-state',
      upstream: entry.upstream,
      server: entry.spec.url,
      state: entry.status.state,
      was: before.state,
      reason: entry.status.reason,
      connections: entry.connections,
    });
  }

  function check(entry: ServerEntry, upstream: UpstreamSpec): void {
    entry.stopChecks();
    entry.check = null;
    const { health, verifyTls, ca } = upstream;
    if (health === null || !entry.listed) return;
    entry.check = newCheckState(nowMs());
    entry.stopChecks = checks({
      url: entry.spec.url,
      health,
      name: entry.spec.name ?? null,
      verifyTls,
      ca,
      random: options.random,
      onResult: (result) => {
        if (entry.check === null || takeCheck(entry.check, result, health, monotonicMs()) === null) return;
        restate(entry);
        publish(entry.upstream);
      },
    });
  }

  function list(upstream: string, server: ServerSpec, origin: ServerOrigin, joins: boolean): ServerEntry {
    const key = keyOf(upstream, server.url);
    const known = entries.get(key);
    const entry = known ?? newEntry(upstream, server, origin, nowMs());
    entries.set(key, entry);
    entry.spec = server;
    entry.origin = origin;
    const returns = known?.listed === false;
    entry.listed = true;
    if (returns) entry.draining = false;
    if ((joins && known === undefined) || returns) {
      // Beside servers that carry nobody it is no colder than they are: so begin the servers of an edge that was just started.
      const othersCarry = [...entries.values()].some((each) => each.upstream === upstream && each.connections > 0);
      if (othersCarry && slowStartOf(upstream) > 0) entry.warmSinceMs = monotonicMs();
      options.onEvent({ kind: 'server-added', upstream, server: server.url, origin });
    }
    const spec = upstreams.get(upstream);
    if (spec !== undefined && (known === undefined || returns)) check(entry, spec);
    restate(entry);
    return entry;
  }

  function unlist(entry: ServerEntry): void {
    if (!entry.listed) return;
    entry.listed = false;
    unlisted(entry);
    restate(entry);
  }

  function unlisted(entry: ServerEntry): void {
    entry.leftMs = monotonicMs();
    entry.stopChecks();
    entry.check = null;
    entry.passive = null;
  }

  function forget(): void {
    for (const [key, entry] of entries) {
      // One of the spec that was removed by command is remembered, or the next reload would bring it back unseen.
      if (entry.listed || entry.connections > 0 || isSpecs(entry)) continue;
      // Its count is as old as the workers' reports, and a handshake may have been under way.
      if (monotonicMs() - entry.leftMs < countsAreOldMs) continue;
      entries.delete(key);
      options.onEvent({ kind: 'server-removed', upstream: entry.upstream, server: entry.spec.url });
    }
  }

  function isSpecs({ upstream, spec, origin }: ServerEntry): boolean {
    return origin === 'spec' && upstreams.get(upstream)?.servers.some(({ url }) => url === spec.url) === true;
  }

  function rowOf(entry: ServerEntry): ServerRow {
    const { upstream, spec } = entry;
    const inSpec = upstreams.get(upstream)?.servers.some(({ url }) => url === spec.url) === true;
    return serverRow(entry, inSpec, shareOf(entry, slowStartOf(upstream), monotonicMs()));
  }

  return {
    rows: () => [...entries.values()].map(rowOf),
    find: (upstream, url) => entries.get(keyOf(upstream, url)),
    lists: () => Object.fromEntries([...upstreams.keys()].map((name) => [name, listOf(name)])),
    apply(plan) {
      const first = upstreams.size === 0;
      const before = new Map(upstreams);
      upstreams.clear();
      for (const upstream of plan.upstreams) upstreams.set(upstream.name, upstream);
      const left: ServerEntry[] = [];
      for (const entry of entries.values()) {
        const upstream = upstreams.get(entry.upstream);
        const stays =
          upstream !== undefined &&
          (entry.origin !== 'spec' || upstream.servers.some(({ url }) => url === entry.spec.url));
        if (stays || !entry.listed) continue;
        unlist(entry);
        left.push(entry);
      }
      for (const upstream of plan.upstreams) {
        const rechecked =
          before.has(upstream.name) &&
          JSON.stringify(before.get(upstream.name)?.health) !== JSON.stringify(upstream.health);
        for (const server of upstream.servers) {
          const known = entries.get(keyOf(upstream.name, server.url));
          const removedByCommand =
            known !== undefined &&
            !known.listed &&
            before.get(upstream.name)?.servers.some(({ url }) => url === server.url) === true;
          if (!removedByCommand) list(upstream.name, server, 'spec', !first);
        }
        if (rechecked) for (const entry of of(upstream.name)) check(entry, upstream);
        publish(upstream.name);
      }
      return left;
    },
    setManaged(upstream, servers) {
      for (const entry of of(upstream)) {
        if (entry.origin !== 'managed' || servers.some(({ url }) => url === entry.spec.url)) continue;
        entry.leaving ??= 'its process has ended';
        unlist(entry);
      }
      const first = of(upstream).length === 0;
      for (const { leaving, ...server } of servers) {
        const entry = list(upstream, server, 'managed', !first);
        entry.leaving = leaving;
        restate(entry);
      }
      publish(upstream);
    },
    add(upstream, server) {
      const known = entries.get(keyOf(upstream, server.url));
      const entry = list(upstream, server, known !== undefined && isSpecs(known) ? 'spec' : 'command', true);
      publish(upstream);
      return entry;
    },
    setDraining(entry, draining) {
      entry.draining = draining;
      restate(entry);
      publish(entry.upstream);
    },
    remove(entry) {
      unlist(entry);
      publish(entry.upstream);
    },
    saved(entry) {
      entry.origin = 'spec';
    },
    tick({ openByServer, passive }) {
      for (const entry of entries.values()) {
        entry.connections = openByServer[entry.spec.url] ?? 0;
        entry.passive = entry.listed ? (passive[entry.spec.url] ?? null) : null;
        restate(entry);
        const warmMs = slowStartOf(entry.upstream);
        if (entry.warmSinceMs !== null && monotonicMs() - entry.warmSinceMs >= warmMs) entry.warmSinceMs = null;
      }
      forget();
      for (const name of upstreams.keys()) publish(name);
    },
    kept: () => [...entries.values()].map(keptServer),
    restore(kept) {
      const left: ServerEntry[] = [];
      for (const { well, passed, ...before } of kept) {
        const key = keyOf(before.upstream, before.spec.url);
        const planned = entries.get(key);
        const entry = planned ?? newEntry(before.upstream, before.spec, before.origin, nowMs());
        entries.set(key, entry);
        const { spec } = entry;
        Object.assign(entry, before);
        if (planned !== undefined) entry.spec = spec;
        const upstream = upstreams.get(before.upstream);
        if (entry.listed && planned === undefined && (upstream === undefined || entry.origin === 'spec')) {
          unlist(entry);
          left.push(entry);
        } else if (!entry.listed) unlisted(entry);
        else if (upstream !== undefined && entry.check === null) check(entry, upstream);
        const atMs = monotonicMs();
        // How long it has hung is counted from here: the clock before was another process's.
        if (entry.check !== null && passed) Object.assign(entry.check, { passedMs: atMs, lastMs: atMs });
        if (entry.check !== null && !well) Object.assign(entry.check, { well, fellMs: atMs });
      }
      for (const name of upstreams.keys()) publish(name);
      return left;
    },
    close() {
      for (const entry of entries.values()) entry.stopChecks();
    },
  };
}
