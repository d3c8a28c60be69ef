import { closeCauses } from '../../base/close-cause.ts';
import type { MoveReason } from '../../base/move.ts';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import type { ServerState } from '../../policy/balance/server-state.ts';
import type { ConnectionEnd, ConnectionRecord } from '../../registry/record.ts';
import type { RouteTotals } from '../../registry/totals.ts';
import { encodeClose, encodeMessage } from '../../ws/frame.ts';
import { nextMask } from '../../ws/mask-source.ts';
import { opcodes } from '../../ws/opcode.ts';
import type { ControlFrame } from '../../ws/scanner.ts';
import type { Violation } from '../../ws/violation.ts';
import { EdgeFault } from '../faults/faults.ts';
import type { MessageMode } from '../messages/treatment.ts';
import type { Asked, CloseRequest, EdgeMessage, SendOutcome } from '../surface.ts';
import { closeGraceFor } from './close-grace.ts';
import type { ConnectionHost, ConnectionOptions } from './connection-options.ts';
import { count } from './counters.ts';
import { type End, endFor, type FaultVerdict, verdictMs } from './fault.ts';
import { finishIfDone } from './finish.ts';
import type { Half, HalfOwner, Traffic } from './half.ts';
import { halvesOf } from './halves.ts';
import { beat } from './heartbeat.ts';
import { type Hold, holdHalves } from './hold.ts';
import { Lag } from './lag.ts';
import { Movable, type MoveFailure, type MoveTold, type MovingOwner } from './movable.ts';
import type { NewServer } from './redialler.ts';
import { type Side, Upkeep, type UpkeepCause } from './upkeep.ts';
import type { Volume } from './volume.ts';
import type { Due } from './wheel.ts';

/** One upgraded client with its server: both directions of the tunnel, their record, their deadlines and their end. */
export class Connection implements ConnectionRecord, HalfOwner, MovingOwner, Due {
  declare readonly id: string;
  declare readonly openedAtMs: number;
  declare readonly clientAddress: string;
  declare readonly clientPort: number;
  declare readonly peerAddress: string;
  declare readonly tls: boolean;
  declare upstream: string;
  declare server: string;
  declare readonly host: string;
  declare readonly path: string;
  declare readonly origin: string | null;
  declare readonly userAgent: string | null;
  declare readonly subprotocol: string | null;
  declare readonly compressed: boolean;
  declare readonly tags: Readonly<Record<string, string>>;
  clientBytes = 0;
  clientMessages = 0;
  serverBytes = 0;
  serverMessages = 0;
  lastDataMs: number;
  /** It is to close as soon as no message is half carried. */
  leaves = false;
  dueTick = -1;
  serverState: ServerState;

  readonly #host: ConnectionHost;
  #route: RouteSpec;
  readonly #totals: RouteTotals;
  readonly rules: ConnectionOptions['rules'];
  readonly directions: Half[];
  #fromClient: Half;
  #fromServer: Half;
  /** Of a route whose clients may get another server. */
  readonly #movable: Movable | null;
  readonly upkeep: Upkeep;
  /** null for a tunnel. */
  readonly messages: MessageMode | null;
  #end: DatedEnd | null = null;
  #closeDeadlineMs = never;
  /** null but while it stands still for a hand-over. */
  #asked: Asked | null = null;
  /** What the client will be told once the server has had its say; null when that is nothing. */
  #verdict: FaultVerdict | null = null;

  constructor(options: ConnectionOptions) {
    const { facts, route, client, server, rules } = options;
    Object.assign(this, facts);
    this.serverState = options.serverState;
    this.#host = options.host;
    this.#route = route;
    this.#totals = options.totals;
    this.rules = rules;
    this.messages = options.messages;
    this.lastDataMs = options.host.wheel.nowMs;
    this.upkeep = new Upkeep(this.lastDataMs);
    const { bufferBytesMax } = route.limits;
    const halves = halvesOf({ owner: this, client, server, rules, bufferBytesMax, messages: options.messages });
    this.#fromClient = halves.fromClient;
    this.#fromServer = halves.fromServer;
    this.directions = [halves.fromClient, halves.fromServer];
    this.#movable = options.move === null ? null : new Movable({ owner: this, ...options.move });
    this.follow(route);
  }

  get route(): string {
    return this.#route.name;
  }

  /** What it lives by: its route as it is now, and what was agreed on when it opened. */
  get settings(): { readonly spec: RouteSpec; readonly rules: ConnectionOptions['rules'] } {
    return { spec: this.#route, rules: this.rules };
  }

  /** It stands still for a hand-over. */
  get frozen(): boolean {
    return this.#asked !== null;
  }

  /** How its server can be exchanged; null on a route that does not move. */
  get movable(): Movable | null {
    return this.#movable;
  }

  get state(): 'open' | 'closing' {
    return this.#end === null ? 'open' : 'closing';
  }

  get rttMs(): number | null {
    return this.upkeep.heartbeats.client?.rttMs ?? null;
  }

  get bufferedBytes(): number {
    return this.#fromClient.queuedBytes + this.#fromServer.queuedBytes;
  }

  get halves(): { readonly fromClient: Half; readonly fromServer: Half } {
    return { fromClient: this.#fromClient, fromServer: this.#fromServer };
  }

  get bufferBytesMax(): number {
    return this.#route.limits.bufferBytesMax;
  }

  /** Starts to carry. `clientHead` are frames that came right behind the handshake, `serverHead` right behind the 101. */
  open(clientHead: Buffer | null, serverHead: Buffer | null): void {
    if (this.#movable !== null) this.#movable.start(clientHead, serverHead);
    else {
      this.#fromServer.source.start(this.#fromServer, serverHead);
      this.#fromClient.source.start(this.#fromClient, clientHead);
    }
    this.#plan();
  }

  /** Lives by the route's settings from now on: at the opening, and again after a reload that changed them. */
  follow(route: RouteSpec): void {
    this.upkeep.follow(route, this.#host.wheel.nowMs, this.#host.random);
    if (!this.upkeep.volume?.holding) this.#fromClient.throttle(false);
    this.#route = route;
    this.#plan();
  }

  /** Starts the close of both sides: each gets a close frame as soon as no other frame is half sent to it. */
  close(request: CloseRequest): void {
    if (this.#asked !== null) this.#asked.close ??= request;
    else if (this.#end === null) this.#closeBoth(request, { client: request.code, server: request.code });
  }

  /** Cuts both sockets, whatever is still on its way; with an error, for that. */
  cut(error?: Error): void {
    this.#fromClient.source.destroy(error);
    this.#fromServer.source.destroy(error);
  }

  /** Stops both ways between messages, until the hold is released; whoever closes it meanwhile releases it first. null when it cannot be held. */
  hold(onHeld: () => void): Hold | null {
    if (this.#end !== null) return null;
    if (this.#movable !== null) return this.#movable.hold(onHeld);
    return holdHalves(this.#fromClient, this.#fromServer, this.bufferBytesMax, onHeld);
  }

  /** Gets another server while its own is there; `orElse` is called when there is none. Returns false when it cannot be moved at all. */
  move(reason: MoveReason, orElse: () => void): boolean {
    // Whoever takes it over cannot be told of a move.
    if (this.#asked !== null) orElse();
    else if (this.#end === null) this.#movable?.move(reason, orElse);
    return this.#movable !== null;
  }

  monotonicMs(): number {
    return this.#host.monotonicMs();
  }

  heardFrom(side: Side): void {
    this.lastDataMs = this.#host.wheel.nowMs;
    if (this.upkeep.heartbeats[side]?.heard(this.lastDataMs, this.#host.random)) this.#plan();
  }

  leaveServer(): void {
    this.#tell(this.#fromClient, 1001, 'this client goes on with another server');
  }

  adopt(server: NewServer): void {
    const { serverState, rules, bufferBytesMax } = this;
    const client = this.#fromClient.source;
    const { fromClient, fromServer } = halvesOf({
      owner: this,
      client,
      server: server.wire,
      rules,
      bufferBytesMax,
      messages: null,
    });
    this.#fromClient = fromClient;
    this.#fromServer = fromServer;
    this.directions.splice(0, 2, fromClient, fromServer);
    if (this.upkeep.volume?.holding) fromClient.throttle(true);
    this.upkeep.heartbeats.server?.excuse(this.#host.wheel.nowMs);
    this.upstream = server.upstream;
    this.server = server.state.url;
    this.serverState = server.state;
    this.#host.onAdopted(serverState);
  }

  moved(move: MoveTold): void {
    this.#host.onMoved(this, move);
  }

  moveFailed(failure: MoveFailure): void {
    const { by, code, means } = closeCauses['move-failed'];
    this.#host.onMoved(this, failure);
    this.close({ by, cause: 'move-failed', code, reason: means });
  }

  send(message: EdgeMessage): SendOutcome {
    if (this.#end !== null) return 'closing';
    if (this.#asked !== null) {
      if (this.#asked.messages.length >= askedMessagesMax) return 'full';
      this.#asked.messages.push(message);
      return 'queued';
    }
    if (message.to === 'server' && this.#movable?.moving) return 'full';
    const direction = message.to === 'client' ? this.#fromServer : this.#fromClient;
    return direction.insertMessage(encodeMessage(message.data, message.to === 'client' ? null : nextMask()));
  }

  /** Stands still for a hand-over: what is asked of it meanwhile is noted. Its sockets are frozen by whoever calls this. */
  freeze(): void {
    this.#asked = { close: null, messages: [] };
    this.#host.wheel.forget(this);
  }

  /** Goes on here. */
  thaw(): void {
    const asked = this.#asked;
    this.#asked = null;
    for (const { source } of this.directions) source.thaw();
    this.#plan();
    if (asked !== null) this.obey(asked);
  }

  /** Another worker has it: lets go of both sockets, and says what was asked meanwhile. */
  release(): Asked {
    for (const { source } of this.directions) source.release();
    return this.#asked ?? { close: null, messages: [] };
  }

  /** What was asked of it while it was frozen somewhere else. */
  obey(asked: Asked): void {
    for (const message of asked.messages) this.send(message);
    if (asked.close !== null) this.close(asked.close);
  }

  /** Holds the client back, or no more, as its rates want it. For whoever has given it another past. */
  resumeRates(): void {
    this.#fromClient.throttle(this.upkeep.volume?.holding === true);
  }

  /** Reads no more of a source whose target is behind, until it has caught up or `on` is false. */
  calm(on: boolean): void {
    if (this.#asked !== null || this.#end !== null) return;
    if (!on) {
      this.#fromServer.throttle(false);
      this.resumeRates();
      return;
    }
    for (const half of [this.#fromClient, this.#fromServer])
      if (half.blocked || half.target.queuedBytes > 0) half.throttle(true);
  }

  onDue(nowMs: number): number {
    if (this.#end !== null) {
      if (this.#verdict !== null && nowMs >= this.#verdict.dueMs) this.#pronounce();
      if (nowMs >= this.#closeDeadlineMs) this.cut();
      return this.#endDueMs();
    }
    const { heartbeats, volume } = this.upkeep;
    const cause = this.upkeep.overdue(nowMs, this);
    if (cause !== null) {
      this.#closeFor(cause);
      return this.#closeDeadlineMs;
    }
    if (volume?.holding && volume.release(nowMs)) this.#fromClient.throttle(false);
    beat(heartbeats.client, this.#fromServer, this.#host);
    beat(heartbeats.server, this.#fromClient, this.#host);
    return this.upkeep.nextDueMs(this);
  }

  onTraffic(direction: Half, bytes: number, traffic: Traffic): void {
    const { from } = direction;
    count(this, from, bytes, traffic.messages);
    count(this.#totals, from, bytes, traffic.messages);
    const { heartbeats, volume } = this.upkeep;
    if (volume !== null && from === 'client') this.#spend(volume, bytes, traffic);
    heartbeats[from === 'client' ? 'server' : 'client']?.wrote(bytes, this.#host.wheel.nowMs);
    if (heartbeats[from]?.heard(this.#host.wheel.nowMs, this.#host.random)) this.#plan();
    if (traffic.hasData) this.lastDataMs = this.#host.wheel.nowMs;
  }

  takesOut(direction: Half, frame: ControlFrame): boolean {
    // The client is going to get the edge's own close frame in its place.
    if (frame.opcode === opcodes.close) return this.#verdict !== null && direction.from === 'server';
    if (frame.opcode !== opcodes.pong) return false;
    return this.upkeep.heartbeats[direction.from]?.takes(frame.payload, this.#host.monotonicMs()) ?? false;
  }

  onCloseFrame(direction: Half, frame: ControlFrame): void {
    const by = direction.from;
    this.#record({ by, cause: `${by}-close`, code: frame.close?.code ?? 1005, reason: frame.close?.reason ?? '' });
    if (by === 'server') this.#pronounce();
    this.#settle();
  }

  onCloseInserted(): void {
    this.#settle();
  }

  onViolation(direction: Half, violation: Violation): void {
    const side = direction.from;
    const end = endFor(violation, direction, this.rules[side].messageBytesMax);
    // The one at fault is told what it did; the other only that its partner is gone.
    if (side === 'client' && this.#end === null) this.#judge(end);
    else {
      this.#pronounce();
      this.#closeBoth(end, side === 'client' ? { client: end.code, server: 1001 } : { client: 1011, server: end.code });
    }
  }

  /** What the client said before its fault was right, and the server may answer it: the client's verdict waits for that, and not for long. */
  #judge(end: End): void {
    this.#record(end);
    this.#verdict = { code: end.code, reason: end.reason, dueMs: this.#host.wheel.nowMs + verdictMs };
    this.#plan();
    this.#tell(this.#fromClient, 1001, end.reason);
    this.#settle();
  }

  #pronounce(): void {
    const verdict = this.#verdict;
    if (verdict === null) return;
    this.#verdict = null;
    this.#tell(this.#fromServer, verdict.code, verdict.reason);
    this.#settle();
  }

  onSourceEnd(direction: Half): void {
    this.#gone(direction, `${direction.from}-gone`);
  }

  onSourceClosed(direction: Half, error: Error | null): void {
    const broken = error instanceof EdgeFault ? 'fault' : (`${direction.from}-reset` as const);
    this.#gone(direction, error === null ? `${direction.from}-gone` : broken);
    if (!this.#fromClient.source.closed || !this.#fromServer.source.closed) return;
    this.#closeDeadlineMs = never;
    this.#host.wheel.forget(this);
    this.#host.onEnd(this, { ...this.#end!, closedAtMs: this.#host.nowMs() });
  }

  onBlockedChange(direction: Half): void {
    direction.lag = direction.blocked ? new Lag(direction.target, this.#host.wheel.nowMs) : null;
    if (direction.blocked) this.#plan();
  }

  onHookClose(_direction: Half, { code, reason }: { readonly code: number; readonly reason: string }): void {
    this.close({ by: 'edge', cause: 'hook', code, reason });
  }

  #closeBoth(end: End, codes: Record<Side, number>): void {
    this.#record(end);
    this.#tell(this.#fromServer, codes.client, end.reason);
    this.#tell(this.#fromClient, codes.server, end.reason);
    this.#settle();
  }

  /** A close frame to the target of a half. */
  #tell(half: Half, code: number, reason: string): void {
    half.insertClose(encodeClose({ code, reason, mask: half.from === 'client' ? nextMask() : null }));
  }

  /** A side ended without a close frame: the other is told, if no frame is half sent to it. */
  #gone(direction: Half, cause: GoneCause): void {
    if (this.#end === null) {
      const { by, code, means } = closeCauses[cause];
      const canBeTold = direction.atFrameBoundary;
      this.#record({ by, cause, code: canBeTold ? code : 1006, reason: canBeTold ? means : '' });
      if (canBeTold) this.#tell(direction, code, means);
    } else if (direction.from === 'server') this.#pronounce();
    this.#settle();
  }

  /** The first reason is the one that counts; what follows from it is not another. */
  #record(reason: End): void {
    if (this.#end !== null) return;
    const silentMs = Math.max(0, this.#host.wheel.nowMs - this.lastDataMs);
    this.#end = { ...reason, begunAtMs: this.#host.nowMs(), silentMs };
    this.#closeDeadlineMs = this.#host.wheel.nowMs + closeGraceFor(reason.cause);
    this.#movable?.abandon();
    this.#plan();
  }

  /** Finishes our side toward each endpoint to which nothing is left to say, and from which nothing is awaited. */
  #settle(): void {
    if (this.#end === null) return;
    finishIfDone(this.#fromClient, this.#fromServer);
    finishIfDone(this.#fromServer, this.#fromClient);
  }

  #spend(volume: Volume, bytes: number, traffic: Traffic): void {
    const action = volume.spend(bytes, traffic, this.#host.monotonicMs());
    if (action === 'close') this.#closeFor('message-rate');
    if (action !== 'hold') return;
    this.#fromClient.throttle(true);
    this.#plan();
  }

  /** Closes both sides for a reason of the edge's own. */
  #closeFor(cause: UpkeepCause): void {
    const { by, code, means } = closeCauses[cause];
    this.close({ by, cause, code, reason: means });
  }

  #plan(): void {
    if (this.#asked !== null) return;
    this.#host.wheel.schedule(this, this.#end === null ? this.upkeep.nextDueMs(this) : this.#endDueMs());
  }

  #endDueMs(): number {
    return Math.min(this.#closeDeadlineMs, this.#verdict?.dueMs ?? never);
  }
}

/** More than anybody sends in the milliseconds of a hand-over. */
const askedMessagesMax = 100;

type GoneCause = 'client-gone' | 'client-reset' | 'server-gone' | 'server-reset' | 'fault';
type DatedEnd = Omit<ConnectionEnd, 'closedAtMs'>;

const never = Number.POSITIVE_INFINITY;
