import path from 'node:path';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { ManagedSpec, ServerSpec, UpstreamSpec } from '../../plan/edge/plan.ts';
import type { EdgeEventSink } from '../log/notices.ts';
import { type ManagedInstance, startManagedInstance } from './instance.ts';

/** The servers that Holdline starts itself, over all upstreams. */
export interface ManagedUpstreams {
  instances(): readonly InstanceState[];
  /** Starts what is new. What is no longer wanted gets no new connections, and ends once `retire` finds it empty. */
  apply(plan: EdgePlan): void;
  /** Resolves when every instance has come up once; rejects when one has failed to. */
  started(): Promise<void>;
  /** Ends the instances that are no longer wanted and hold no connection, by the counts that are handed in. */
  retire(openByServer: Readonly<Record<string, number>>): void;
  close(): Promise<void>;
  cut(): void;
}

export interface InstanceState {
  readonly upstream: string;
  readonly instance: number;
  readonly pid: number | null;
  readonly url: string | null;
  readonly restarts: number;
  readonly state: 'starting' | 'running' | 'leaving';
}

export interface ManagedUpstreamsOptions {
  /** What the directories in the plan are relative to. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  readonly onEvent: EdgeEventSink;
  readonly onServers: (upstream: string, servers: readonly ServerSpec[]) => void;
  /** The server lives, and gets no new connections any more: those that it has are to be drained. */
  readonly onLeaving: (upstream: string, url: string) => void;
}

/** From the last reading of the counts to the end of a handshake that was under way then, with room. */
const leaveAfterMs = 5000;

interface Group {
  readonly upstream: string;
  readonly managed: ManagedSpec;
  readonly instances: ManagedInstance[];
  /** Those of the command before: they go on serving until one of the new instances does. */
  readonly predecessors: readonly ManagedInstance[];
}

export function managedUpstreams(options: ManagedUpstreamsOptions): ManagedUpstreams {
  const groups = new Map<string, Group>();
  /** With the time since when they have been leaving. */
  const leaving = new Map<ManagedInstance, number>();
  /** Of those, the ones whose connections are being drained. */
  const told = new WeakSet<ManagedInstance>();
  const ends = new Set<Promise<void>>();
  let closed = false;

  function publish(upstream: string): void {
    if (!closed) options.onServers(upstream, serversOf(groups.get(upstream)));
  }

  function leave(instance: ManagedInstance): void {
    if (!leaving.has(instance)) leaving.set(instance, options.nowMs());
  }

  function serves(instance: ManagedInstance): boolean {
    return liveOf(groups.get(instance.upstream)).includes(instance);
  }

  function grow(group: Group): void {
    while (group.instances.length < group.managed.instances.min) {
      const instance = startManagedInstance({
        upstream: group.upstream,
        index: group.instances.length + 1,
        command: group.managed.command,
        directory: path.resolve(options.directory, group.managed.directory),
        env: options.env,
        nowMs: options.nowMs,
        onEvent: options.onEvent,
        onChange: () => publish(group.upstream),
      });
      group.instances.push(instance);
    }
  }

  function applyOne(upstream: UpstreamSpec & { managed: ManagedSpec }): void {
    const before = groups.get(upstream.name);
    const same =
      before?.managed.command === upstream.managed.command && before.managed.directory === upstream.managed.directory;
    const kept = same ? before.instances.slice(0, upstream.managed.instances.min) : [];
    for (const instance of before?.instances ?? []) if (!kept.includes(instance)) leave(instance);
    const predecessors = same ? [] : (before?.instances ?? []);
    const group: Group = { upstream: upstream.name, managed: upstream.managed, instances: kept, predecessors };
    groups.set(upstream.name, group);
    grow(group);
    if (before !== undefined) publish(upstream.name);
  }

  const all = () => [...[...groups.values()].flatMap((group) => group.instances), ...leaving.keys()];

  return {
    instances: () =>
      all().map((instance) => ({
        upstream: instance.upstream,
        instance: instance.index,
        pid: instance.pid,
        url: instance.url,
        restarts: instance.restarts,
        state: leaving.has(instance) ? 'leaving' : instance.url === null ? 'starting' : 'running',
      })),
    apply(plan) {
      const wanted = plan.upstreams.filter(isManaged);
      for (const [name, group] of groups) {
        if (wanted.some((upstream) => upstream.name === name)) continue;
        for (const instance of group.instances) leave(instance);
        groups.delete(name);
      }
      for (const upstream of wanted) applyOne(upstream);
    },
    async started() {
      await Promise.all(all().map((instance) => instance.firstStart));
    },
    retire(openByServer) {
      for (const [instance, sinceMs] of leaving) {
        if (instance.url !== null && !serves(instance) && !told.has(instance)) {
          told.add(instance);
          options.onLeaving(instance.upstream, instance.url);
        }
        const busy = instance.url !== null && (openByServer[instance.url] ?? 0) > 0;
        if (busy || serves(instance) || options.nowMs() - sinceMs < leaveAfterMs) continue;
        leaving.delete(instance);
        const end = instance.stop().finally(() => ends.delete(end));
        ends.add(end);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...ends, ...all().map((instance) => instance.stop())]);
    },
    cut() {
      closed = true;
      for (const instance of all()) instance.cut();
    },
  };
}

function isManaged(upstream: UpstreamSpec): upstream is UpstreamSpec & { managed: ManagedSpec } {
  return upstream.managed !== null;
}

function liveOf(group: Group | undefined): ManagedInstance[] {
  const live = (group?.instances ?? []).filter((instance) => instance.url !== null);
  return live.length > 0 ? live : (group?.predecessors ?? []).filter((instance) => instance.url !== null);
}

function serversOf(group: Group | undefined): ServerSpec[] {
  return liveOf(group).map((instance) => ({ url: instance.url ?? '', weight: 1, connectionsMax: null }));
}
