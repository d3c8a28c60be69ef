import type { RouteSpec } from '../../plan/edge/plan.ts';
import type { RouteTotals } from '../../registry/totals.ts';
import type { ControlFrame } from '../../ws/scanner.ts';
import type { Violation } from '../../ws/violation.ts';
import type { MessageMode } from '../messages/treatment.ts';
import type { ConnectionHost, ConnectionOptions } from './connection-options.ts';
import { count } from './counters.ts';
import type { Half, HalfOwner, Traffic } from './half.ts';
import { halvesOf } from './halves.ts';
import { beat } from './heartbeat.ts';
import { Lag } from './lag.ts';
import type { NewServer } from './moving/redialler.ts';
import { OpenRecord } from './open-record.ts';
import { type Side, Upkeep, type UpkeepCause } from './upkeep.ts';
import type { Volume } from './volume.ts';

/** What a connection does while it is open: it carries both ways, counts, and lives by the settings of its route. */
export abstract class OpenConnection extends OpenRecord implements HalfOwner {
  readonly rules: ConnectionOptions['rules'];
  readonly directions: Half[];
  readonly upkeep: Upkeep;
  /** null for a tunnel. */
  readonly messages: MessageMode | null;

  protected readonly worker: ConnectionHost;
  protected fromClient: Half;
  protected fromServer: Half;
  #route: RouteSpec;
  readonly #totals: RouteTotals;

  constructor({ host, facts, serverState, route, totals, client, server, rules, messages }: ConnectionOptions) {
    super(facts, serverState, host.wheel.nowMs);
    this.worker = host;
    this.#route = route;
    this.#totals = totals;
    this.rules = rules;
    this.messages = messages;
    this.upkeep = new Upkeep(this.lastDataMs);
    const { bufferBytesMax } = route.limits;
    const { fromClient, fromServer } = halvesOf({ owner: this, client, server, rules, bufferBytesMax, messages });
    this.fromClient = fromClient;
    this.fromServer = fromServer;
    this.directions = [fromClient, fromServer];
  }

  abstract takesOut(half: Half, frame: ControlFrame): boolean;
  abstract onCloseFrame(half: Half, frame: ControlFrame): void;
  abstract onViolation(half: Half, violation: Violation): void;
  abstract onCloseInserted(half: Half): void;
  abstract onSourceEnd(half: Half): void;
  abstract onSourceClosed(half: Half, error: Error | null): void;
  abstract onHookClose(half: Half, close: { readonly code: number; readonly reason: string }): void;

  /** What is due has changed. */
  protected abstract plan(): void;
  /** Closes both sides for a reason of the edge's own. */
  protected abstract closeFor(cause: UpkeepCause): void;

  get route(): string {
    return this.#route.name;
  }

  /** What it lives by: its route as it is now, and what was agreed on when it opened. */
  get settings(): { readonly spec: RouteSpec; readonly rules: ConnectionOptions['rules'] } {
    return { spec: this.#route, rules: this.rules };
  }

  get rttMs(): number | null {
    return this.upkeep.heartbeats.client?.rttMs ?? null;
  }

  get bufferedBytes(): number {
    return this.fromClient.queuedBytes + this.fromServer.queuedBytes;
  }

  get halves(): { readonly fromClient: Half; readonly fromServer: Half } {
    return { fromClient: this.fromClient, fromServer: this.fromServer };
  }

  get bufferBytesMax(): number {
    return this.#route.limits.bufferBytesMax;
  }

  /** Lives by the route's settings from now on: at the opening, and again after a reload that changed them. */
  follow(route: RouteSpec): void {
    this.upkeep.follow(route, this.worker.wheel.nowMs, this.worker.random);
    if (!this.upkeep.volume?.holding) this.fromClient.throttle(false);
    this.#route = route;
    this.plan();
  }

  /** Holds the client back, or no more, as its rates want it. For whoever has given it another past. */
  resumeRates(): void {
    this.fromClient.throttle(this.upkeep.volume?.holding === true);
  }

  monotonicMs(): number {
    return this.worker.monotonicMs();
  }

  heardFrom(side: Side): void {
    this.lastDataMs = this.worker.wheel.nowMs;
    if (this.upkeep.heartbeats[side]?.heard(this.lastDataMs, this.worker.random)) this.plan();
  }

  onTraffic(direction: Half, bytes: number, traffic: Traffic): void {
    const { from } = direction;
    count(this, from, bytes, traffic.messages);
    count(this.#totals, from, bytes, traffic.messages);
    const { heartbeats, volume } = this.upkeep;
    if (volume !== null && from === 'client') this.#spend(volume, bytes, traffic);
    heartbeats[from === 'client' ? 'server' : 'client']?.wrote(bytes, this.worker.wheel.nowMs);
    if (heartbeats[from]?.heard(this.worker.wheel.nowMs, this.worker.random)) this.plan();
    if (traffic.hasData) this.lastDataMs = this.worker.wheel.nowMs;
  }

  onBlockedChange(direction: Half): void {
    direction.lag = direction.blocked ? new Lag(direction.target, this.worker.wheel.nowMs) : null;
    if (direction.blocked) this.plan();
  }

  /** Does what is due at this time. */
  protected keepUp(nowMs: number): void {
    const { heartbeats, volume } = this.upkeep;
    const cause = this.upkeep.overdue(nowMs, this);
    if (cause !== null) {
      this.closeFor(cause);
      return;
    }
    if (volume?.holding && volume.release(nowMs)) this.fromClient.throttle(false);
    beat(heartbeats.client, this.fromServer, this.worker);
    beat(heartbeats.server, this.fromClient, this.worker);
  }

  /** Carries between the client and this server from now on. */
  protected carryTo({ wire, upstream, state }: NewServer): void {
    const { rules, bufferBytesMax } = this;
    const client = this.fromClient.source;
    const halves = halvesOf({ owner: this, client, server: wire, rules, bufferBytesMax, messages: null });
    this.fromClient = halves.fromClient;
    this.fromServer = halves.fromServer;
    this.directions.splice(0, 2, halves.fromClient, halves.fromServer);
    if (this.upkeep.volume?.holding) this.fromClient.throttle(true);
    this.upkeep.heartbeats.server?.excuse(this.worker.wheel.nowMs);
    this.upstream = upstream;
    this.server = state.url;
    this.serverState = state;
  }

  #spend(volume: Volume, bytes: number, traffic: Traffic): void {
    const action = volume.spend(bytes, traffic, this.worker.monotonicMs());
    if (action === 'close') this.closeFor('message-rate');
    if (action !== 'hold') return;
    this.fromClient.throttle(true);
    this.plan();
  }
}
