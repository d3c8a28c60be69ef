import path from 'node:path';
import type { ManagedSpec } from '../../plan/edge/plan.ts';
import { replaceHung } from './hung.ts';
import type { ManagedInstance } from './instance.ts';
import { instancesOf, type Leaving, leaveAfterMs, serversOf } from './listing.ts';
import type { ManagedGroupOptions, ManagedUpstream } from './options.ts';
import { rollingExchange } from './rolling.ts';
import { type Scaler, scaler } from './scaler.ts';
import { startOf } from './start.ts';
import type { InstanceState, KeptGroup, KeptInstance, ManagedState, RestartState } from './state.ts';
import { watchFiles } from './watched-files.ts';

/** The instances of one upstream: those that serve, those that will after a rolling restart, and those that leave. */
export class ManagedGroup {
  readonly #options: ManagedGroupOptions;
  readonly #scaler: Scaler;
  #spec: ManagedUpstream;
  /** What those that serve were started with. */
  #started: ManagedSpec;
  #generation = 1;
  #serving: ManagedInstance[] = [];
  readonly #coming = new Set<ManagedInstance>();
  readonly #leaving = new Map<ManagedInstance, Leaving>();
  readonly #ends = new Set<Promise<void>>();
  #watcher: { close(): void } | null = null;
  #restart: RestartState | null = null;
  /** Asked for while one was under way: what has changed since is not in the instances that it started. */
  #again: string | null = null;
  #problem: string | null = null;
  #over = false;
  readonly #restarts = { done: 0, failed: 0 };
  readonly #scalings = { up: 0, down: 0 };

  constructor(spec: ManagedUpstream, options: ManagedGroupOptions, kept: KeptGroup | null = null) {
    this.#options = options;
    this.#spec = spec;
    this.#started = kept?.started ?? spec.managed;
    this.#scaler = scaler(spec.managed.instances, options.monotonicMs(), { wanted: kept?.wanted ?? null });
    if (kept !== null) this.#restore(kept);
    this.#watch();
    this.#fit();
    if (kept !== null) this.apply(spec);
  }

  #restore({ generation, serving, leaving, restart, restarts, scalings }: KeptGroup): void {
    this.#generation = generation;
    this.#serving = serving.map((each) => this.#start(each.index, this.#started, each));
    for (const { why, ...each } of leaving) this.#leave(this.#start(each.index, this.#started, each), why);
    this.#restart = restart;
    Object.assign(this.#restarts, restarts);
    Object.assign(this.#scalings, scalings);
  }

  /** For another supervisor. */
  kept(): KeptGroup {
    return {
      ...this.state,
      generation: this.#generation,
      started: this.#started,
      serving: this.#serving.map((each) => each.kept()),
      leaving: [...this.#leaving].map(([each, { why }]) => ({ ...each.kept(), why })),
    };
  }

  /** Another supervisor looks after them from now on. */
  hand(): void {
    this.#over = true;
    this.#watcher?.close();
    for (const instance of this.#all()) instance.leave();
  }

  get instances(): InstanceState[] {
    return instancesOf(this.#serving, this.#coming, this.#leaving);
  }

  get state(): ManagedState {
    const restart = this.#restart === null ? null : { ...this.#restart, again: this.#again !== null };
    return {
      upstream: this.#spec.name,
      wanted: this.#scaler.wanted,
      restart,
      restarts: { ...this.#restarts },
      scalings: { ...this.#scalings },
    };
  }

  /** Nothing of it is left. */
  get isEmpty(): boolean {
    return this.#all().length === 0 && this.#ends.size === 0;
  }

  /** Resolves when every instance has come up once; rejects when one has failed to. */
  async started(): Promise<void> {
    await Promise.all(this.#all().map((instance) => instance.firstStart));
  }

  apply(spec: ManagedUpstream): void {
    const before = this.#spec.managed;
    this.#spec = spec;
    const { managed } = spec;
    if (before.directory !== managed.directory || before.restartOn.join('\n') !== managed.restartOn.join('\n'))
      this.#watch();
    this.#scaler.follow(managed.instances);
    const sameProgram = this.#started.command === managed.command && this.#started.directory === managed.directory;
    if (!sameProgram) this.restart('its command changed');
    this.#fit();
    this.#publish();
  }

  /** Exchanges all instances; one that is under way goes on, and another follows it. */
  restart(why: string): void {
    if (this.#over) return;
    if (this.#isRestarting()) {
      this.#again = why;
      return;
    }
    const generation = this.#generation + 1;
    const { name, managed } = this.#spec;
    const count = this.#scaler.wanted;
    this.#generation = generation;
    this.#restart = { generation, why, stage: 'starting', instances: count, exchanged: 0, problem: null, again: false };
    this.#options.onEvent({ kind: 'restart-started', upstream: name, generation, instances: count, why });
    void rollingExchange({
      count,
      start: (index) => {
        const fresh = this.#start(index, managed);
        this.#coming.add(fresh);
        return fresh;
      },
      goesOn: () => !this.#over,
      swap: (fresh) => this.#swap(fresh, managed),
      retire: async (old) => {
        const end = await this.#retire(old);
        if (end === 'ended') this.#note({ exchanged: (this.#restart?.exchanged ?? 0) + 1 });
        return end;
      },
      discard: (fresh) => {
        this.#coming.delete(fresh);
        this.#stop(fresh);
      },
    }).then(({ problem }) => this.#restarted(problem));
  }

  /** Ends those that have left and hold nothing, by the counts that are handed in, replaces what hangs, and scales. */
  tick(openByServer: Readonly<Record<string, number>>): void {
    const now = this.#options.monotonicMs();
    for (const [instance, { sinceMs }] of this.#leaving) {
      const busy = instance.url !== null && (openByServer[instance.url] ?? 0) > 0;
      if (!busy && now - sinceMs >= leaveAfterMs) this.#stop(instance);
    }
    if (!this.#over && !this.#isRestarting())
      replaceHung(this.#serving, (url) => this.#options.checkOf(this.#spec.name, url));
    // Until those that are coming serve, their number says nothing.
    if (!this.#over && this.#coming.size === 0) this.#scale(openByServer, now);
  }

  /** The spec has it no longer: all leave, and whoever took it off drains them. */
  dissolve(): void {
    this.#over = true;
    this.#watcher?.close();
    for (const instance of this.#serving.splice(0)) this.#leave(instance, 'its upstream is no longer in the spec');
  }

  async close(): Promise<void> {
    this.#over = true;
    this.#watcher?.close();
    await Promise.all([...this.#ends, ...this.#all().map((instance) => instance.stop())]);
    for (const { onEnd } of this.#leaving.values()) onEnd();
  }

  cut(): void {
    this.#over = true;
    this.#watcher?.close();
    for (const instance of this.#all()) instance.cut();
    for (const { onEnd } of this.#leaving.values()) onEnd();
  }

  #all(): ManagedInstance[] {
    return [...this.#serving, ...this.#coming, ...this.#leaving.keys()];
  }

  #isRestarting(): boolean {
    return this.#restart?.stage === 'starting' || this.#restart?.stage === 'draining';
  }

  #note(change: Partial<RestartState>): void {
    if (this.#restart !== null) this.#restart = { ...this.#restart, ...change };
  }

  #watch(): void {
    this.#watcher?.close();
    const { directory, restartOn } = this.#spec.managed;
    const upstream = this.#spec.name;
    this.#watcher = watchFiles({
      files: restartOn.map((file) => path.resolve(this.#options.directory, directory, file)),
      onChange: (file) => this.restart(`${file} changed`),
      onMissing: (file) => this.#options.onEvent({ kind: 'watched-file-missing', upstream, file }),
    });
  }

  #start(index: number, managed: ManagedSpec, kept?: KeptInstance): ManagedInstance {
    const generation = kept?.generation ?? this.#generation;
    return startOf(this.#spec, this.#options, { index, generation, managed, kept, onChange: () => this.#publish() });
  }

  #stop(instance: ManagedInstance): void {
    const left = this.#leaving.get(instance);
    const end = instance.stop().finally(() => {
      this.#ends.delete(end);
      left?.onEnd();
    });
    this.#ends.add(end);
    this.#leaving.delete(instance);
    this.#publish();
  }

  #leave(instance: ManagedInstance, why: string): void {
    let onEnd!: () => void;
    const ended = new Promise<void>((resolve) => {
      onEnd = resolve;
    });
    this.#leaving.set(instance, { why, sinceMs: this.#options.monotonicMs(), ended, onEnd });
  }

  async #retire(instance: ManagedInstance): Promise<'ended' | 'kept'> {
    const left = this.#leaving.get(instance);
    if (left === undefined) return 'ended';
    const drained = instance.url === null ? 'done' : await this.#options.drain(this.#spec.name, instance.url);
    if (drained === 'cancelled' && !this.#over) return 'kept';
    await left.ended;
    return 'ended';
  }

  #swap(fresh: readonly ManagedInstance[], managed: ManagedSpec): readonly ManagedInstance[] {
    const old = this.#serving;
    this.#serving = [...fresh];
    this.#coming.clear();
    this.#started = managed;
    for (const instance of old) this.#leave(instance, `replaced by generation ${this.#generation}`);
    this.#note({ stage: 'draining' });
    // The number may have changed while they came up.
    this.#fit();
    this.#publish();
    return old;
  }

  #restarted(problem: string | null): void {
    if (this.#over) return;
    this.#note({ stage: problem === null ? 'done' : 'failed', problem });
    this.#restarts[problem === null ? 'done' : 'failed']++;
    const { name } = this.#spec;
    const { generation = 0, exchanged = 0 } = this.#restart ?? {};
    this.#options.onEvent({ kind: 'restart-ended', upstream: name, generation, exchanged, problem });
    this.#fit();
    const next = this.#again;
    this.#again = null;
    if (next !== null) this.restart(next);
  }

  /** As many as there should be: those that are missing start, and of those that are too many the last leave. */
  #fit(): void {
    if (this.#over || this.#restart?.stage === 'starting') return;
    while (this.#serving.length > this.#scaler.wanted) {
      const instance = this.#serving.pop()!;
      this.#leave(instance, 'one less is wanted');
      void this.#retire(instance);
    }
    while (this.#serving.length < this.#scaler.wanted) {
      const taken = new Set(this.#serving.map(({ index }) => index));
      let index = 1;
      while (taken.has(index)) index++;
      this.#serving.push(this.#start(index, this.#started));
    }
  }

  #scale(openByServer: Readonly<Record<string, number>>, nowMs: number): void {
    const open = ({ url }: ManagedInstance) => (url === null ? 0 : (openByServer[url] ?? 0));
    const connections = this.#all().reduce((sum, instance) => sum + open(instance), 0);
    const upstream = this.#spec.name;
    const from = this.#scaler.wanted;
    const step = this.#scaler.step(connections, this.#serving, nowMs);
    const { problem } = this.#scaler;
    if (problem !== null && this.#problem === null)
      this.#options.onEvent({ kind: 'load-unknown', upstream, message: problem });
    this.#problem = problem;
    if (step === null || step.reason === null) return;
    const to = step.state.wanted;
    this.#scalings[to > from ? 'up' : 'down']++;
    this.#options.onEvent({ kind: 'scaled', upstream, from, to, reason: step.reason });
    // The emptiest leave: the fewest clients have to come back.
    if (to < from) this.#serving.sort((a, b) => open(b) - open(a));
    this.#fit();
    this.#publish();
  }

  #publish(): void {
    if (this.#over) return;
    this.#options.onServers(this.#spec.name, serversOf(this.#serving, this.#leaving));
  }
}
