import { HoldlineError } from '../../base/error.ts';
import type { EdgePlan } from '../../plan/edge/model.ts';
import type { UpstreamSpec } from '../../plan/edge/plan.ts';
import { ManagedGroup } from './group.ts';
import type { ManagedGroupOptions, ManagedUpstream } from './options.ts';
import type { InstanceState, KeptGroup, ManagedState } from './state.ts';

/** The servers that Holdline starts itself, over all upstreams. */
export interface ManagedUpstreams {
  instances(): readonly InstanceState[];
  states(): readonly ManagedState[];
  /** Starts what is new. What is no longer wanted gets no new connections, and ends once `tick` finds it empty. */
  apply(plan: EdgePlan): void;
  /** Resolves when every instance has come up once; rejects when one has failed to. */
  started(): Promise<void>;
  /** Begins a rolling restart. Throws `upstream-unknown` and `upstream-not-managed`. */
  restart(upstream: string, why: string): ManagedState;
  /**
   * Ends the instances that are no longer wanted and hold no connection, by the counts that are handed in; replaces and
   * scales the others.
   */
  tick(openByServer: Readonly<Record<string, number>>): void;
  close(): Promise<void>;
  /** Of a rolling restart that is under way; null without one. */
  restarting(): string | null;
  /** For another supervisor. */
  kept(): KeptGroup[];
  /** Another supervisor looks after them from now on. */
  hand(): void;
  cut(): void;
}

export function managedUpstreams(
  options: ManagedGroupOptions & {
    /** Those that another supervisor has started. */ readonly kept?: readonly KeptGroup[];
  },
): ManagedUpstreams {
  const groups = new Map<string, ManagedGroup>();
  /** Those of upstreams that are gone, until their last instance is. */
  const dissolved = new Set<ManagedGroup>();
  let names: readonly string[] = [];
  let known = options.kept ?? [];
  const all = () => [...groups.values(), ...dissolved];

  return {
    instances: () => all().flatMap((group) => group.instances),
    states: () => [...groups.values()].map((group) => group.state),
    apply(plan) {
      names = plan.upstreams.map(({ name }) => name);
      const wanted = new Map(plan.upstreams.filter(isManaged).map((upstream) => [upstream.name, upstream]));
      for (const [name, group] of groups) {
        if (wanted.has(name)) continue;
        group.dissolve();
        groups.delete(name);
        dissolved.add(group);
      }
      for (const [name, upstream] of wanted) {
        const group = groups.get(name);
        const before = known.find((each) => each.upstream === name) ?? null;
        if (group === undefined) groups.set(name, new ManagedGroup(upstream, options, before));
        else group.apply(upstream);
      }
      known = known.filter(({ upstream }) => !wanted.has(upstream));
    },
    async started() {
      await Promise.all(all().map((group) => group.started()));
    },
    restart(upstream, why) {
      const group = groups.get(upstream);
      if (group === undefined)
        throw names.includes(upstream)
          ? new HoldlineError('upstream-not-managed', `Holdline does not start the servers of ${upstream}`)
          : new HoldlineError('upstream-unknown', `there is no upstream "${upstream}"`);
      group.restart(why);
      return group.state;
    },
    tick(openByServer) {
      for (const group of all()) group.tick(openByServer);
      for (const group of dissolved) if (group.isEmpty) dissolved.delete(group);
    },
    async close() {
      await Promise.all(all().map((group) => group.close()));
    },
    restarting: () =>
      [...groups.values()].find(
        ({ state: { restart } }) => restart?.stage === 'starting' || restart?.stage === 'draining',
      )?.state.upstream ?? null,
    kept: () => all().map((group) => group.kept()),
    hand() {
      for (const group of all()) group.hand();
    },
    cut() {
      for (const group of all()) group.cut();
    },
  };
}

function isManaged(upstream: UpstreamSpec): upstream is ManagedUpstream {
  return upstream.managed !== null;
}
