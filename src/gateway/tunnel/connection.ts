import { type CloseCause, closeCauses } from '../../base/close-cause.ts';
import type { RouteSpec } from '../../plan/edge/plan.ts';
import type { ServerState } from '../../policy/balance/server-state.ts';
import type { ConnectionEnd, ConnectionRecord } from '../../registry/record.ts';
import type { RouteTotals } from '../../registry/totals.ts';
import { encodeClose, encodeFrame } from '../../ws/frame.ts';
import { opcodes } from '../../ws/opcode.ts';
import type { ControlFrame } from '../../ws/scanner.ts';
import { type Violation, violations } from '../../ws/violation.ts';
import { EdgeFault } from '../faults/faults.ts';
import type { CloseRequest, EdgeMessage, SendOutcome } from '../surface.ts';
import { closeGraceFor } from './close-grace.ts';
import type { ConnectionHost, ConnectionOptions } from './connection-options.ts';
import { finishIfDone } from './finish.ts';
import type { Half, HalfOwner } from './half.ts';
import { halvesOf } from './halves.ts';
import type { Heartbeat } from './heartbeat.ts';
import { Lag } from './lag.ts';
import { newMask } from './mask.ts';
import { type Side, Upkeep, type UpkeepCause } from './upkeep.ts';
import type { Volume } from './volume.ts';
import type { Due } from './wheel.ts';

/** One upgraded client with its server: both directions of the tunnel, their record, their deadlines and their end. */
export class Connection implements ConnectionRecord, HalfOwner, Due {
  declare readonly id: string;
  declare readonly openedAtMs: number;
  declare readonly clientAddress: string;
  declare readonly clientPort: number;
  declare readonly tls: boolean;
  declare readonly upstream: string;
  declare readonly server: string;
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
  dueTick = -1;
  readonly serverState: ServerState;

  readonly #host: ConnectionHost;
  #route: RouteSpec;
  readonly #totals: RouteTotals;
  readonly directions: readonly Half[];
  readonly #fromClient: Half;
  readonly #fromServer: Half;
  readonly #upkeep: Upkeep;
  #end: End | null = null;
  #closeDeadlineMs = never;

  constructor(options: ConnectionOptions) {
    const { facts, route, client, server, rules } = options;
    Object.assign(this, facts);
    this.serverState = options.serverState;
    this.#host = options.host;
    this.#route = route;
    this.#totals = options.totals;
    this.lastDataMs = options.host.wheel.nowMs;
    this.#upkeep = new Upkeep(this.lastDataMs);
    const { bufferBytesMax } = route.limits;
    const halves = halvesOf({ owner: this, client, server, rules, bufferBytesMax, messages: options.messages });
    this.#fromClient = halves.fromClient;
    this.#fromServer = halves.fromServer;
    this.directions = [halves.fromClient, halves.fromServer];
    this.follow(route);
  }

  get route(): string {
    return this.#route.name;
  }

  get state(): 'open' | 'closing' {
    return this.#end === null ? 'open' : 'closing';
  }

  get rttMs(): number | null {
    return this.#upkeep.heartbeats.client?.rttMs ?? null;
  }

  get bufferedBytes(): number {
    return this.#fromClient.queuedBytes + this.#fromServer.queuedBytes;
  }

  /** Starts to carry. `clientHead` are frames that came right behind the handshake, `serverHead` right behind the 101. */
  open(clientHead: Buffer | null, serverHead: Buffer | null): void {
    this.#fromServer.source.start(this.#fromServer, serverHead);
    this.#fromClient.source.start(this.#fromClient, clientHead);
    this.#plan();
  }

  /** Lives by the route's settings from now on: at the opening, and again after a reload that changed them. */
  follow(route: RouteSpec): void {
    this.#upkeep.follow(route, this.#host.wheel.nowMs, this.#host.random);
    if (!this.#upkeep.volume?.holding) this.#fromClient.throttle(false);
    this.#route = route;
    this.#plan();
  }

  /** Starts the close of both sides: each gets a close frame as soon as no other frame is half sent to it. */
  close(request: CloseRequest): void {
    if (this.#end === null) this.#closeBoth(request, { client: request.code, server: request.code });
  }

  /** Cuts both sockets, whatever is still on its way; with an error, for that. */
  cut(error?: Error): void {
    this.#fromClient.source.destroy(error);
    this.#fromServer.source.destroy(error);
  }

  send(message: EdgeMessage): SendOutcome {
    if (this.#end !== null) return 'closing';
    const text = typeof message.data === 'string';
    const payload = text ? Buffer.from(message.data as string, 'utf8') : (message.data as Uint8Array);
    const direction = message.to === 'client' ? this.#fromServer : this.#fromClient;
    const opcode = text ? opcodes.text : opcodes.binary;
    return direction.insertMessage(encodeFrame({ opcode, mask: message.to === 'client' ? null : newMask(), payload }));
  }

  onDue(nowMs: number): number {
    if (this.#end !== null) {
      if (nowMs >= this.#closeDeadlineMs) this.cut();
      return this.#closeDeadlineMs;
    }
    const { heartbeats, volume } = this.#upkeep;
    const cause = this.#upkeep.overdue(nowMs, this);
    if (cause !== null) {
      this.#closeFor(cause);
      return this.#closeDeadlineMs;
    }
    if (volume?.holding && volume.release(nowMs)) this.#fromClient.throttle(false);
    this.#beat(heartbeats.client, this.#fromServer);
    this.#beat(heartbeats.server, this.#fromClient);
    return this.#upkeep.nextDueMs(this);
  }

  onTraffic(direction: Half, bytes: number, messages: number, hasData: boolean): void {
    if (direction.from === 'client') {
      this.clientBytes += bytes;
      this.clientMessages += messages;
      this.#totals.clientBytes += bytes;
      this.#totals.clientMessages += messages;
      if (this.#upkeep.volume !== null) this.#spend(this.#upkeep.volume, bytes, messages);
    } else {
      this.serverBytes += bytes;
      this.serverMessages += messages;
      this.#totals.serverBytes += bytes;
      this.#totals.serverMessages += messages;
    }
    if (!hasData) return;
    this.lastDataMs = this.#host.wheel.nowMs;
    if (direction.insideFrame) this.#upkeep.heartbeats[direction.from]?.heardInsideFrame(this.lastDataMs);
  }

  takesOut(direction: Half, frame: ControlFrame): boolean {
    if (frame.opcode !== opcodes.pong) return false;
    const heartbeat = this.#upkeep.heartbeats[direction.from];
    if (heartbeat === null || !heartbeat.takes(frame.payload, this.#host.monotonicMs(), this.#host.random()))
      return false;
    this.#plan();
    return true;
  }

  onCloseFrame(direction: Half, frame: ControlFrame): void {
    const by = direction.from;
    this.#record({ by, cause: `${by}-close`, code: frame.close?.code ?? 1005, reason: frame.close?.reason ?? '' });
    this.#settle();
  }

  onCloseInserted(): void {
    this.#settle();
  }

  onViolation(direction: Half, violation: Violation): void {
    const { code, sentence } = violations[violation];
    const side = direction.from;
    const tooBig = violation === 'message-too-big';
    const cause: CloseCause = tooBig ? 'message-too-big' : `${side}-protocol-error`;
    const by = tooBig ? 'edge' : side;
    // The one at fault is told what it did; the other only that its partner is gone.
    const codes = side === 'client' ? { client: code, server: 1001 } : { client: 1011, server: code };
    this.#closeBoth({ by, cause, code, reason: sentence }, codes);
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
    const { by, cause, code, reason } = this.#end!;
    this.#host.onEnd(this, { by, cause, code, reason, closedAtMs: this.#host.nowMs() });
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
    this.#fromServer.insertClose(encodeClose({ code: codes.client, reason: end.reason, mask: null }));
    this.#fromClient.insertClose(encodeClose({ code: codes.server, reason: end.reason, mask: newMask() }));
    this.#settle();
  }

  /** A side ended without a close frame: the other is told, if no frame is half sent to it. */
  #gone(direction: Half, cause: GoneCause): void {
    if (this.#end === null) {
      const { by, code, means } = closeCauses[cause];
      const canBeTold = direction.atFrameBoundary;
      this.#record({ by, cause, code: canBeTold ? code : 1006, reason: canBeTold ? means : '' });
      if (canBeTold)
        direction.insertClose(
          encodeClose({ code, reason: means, mask: direction.from === 'client' ? newMask() : null }),
        );
    }
    this.#settle();
  }

  /** The first reason is the one that counts; what follows from it is not another. */
  #record(end: End): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#closeDeadlineMs = this.#host.wheel.nowMs + closeGraceFor(end.cause);
    this.#plan();
  }

  /** Finishes our side toward each endpoint to which nothing is left to say, and from which nothing is awaited. */
  #settle(): void {
    if (this.#end === null) return;
    finishIfDone(this.#fromClient, this.#fromServer);
    finishIfDone(this.#fromServer, this.#fromClient);
  }

  #spend(volume: Volume, bytes: number, messages: number): void {
    const nowMs = this.#host.monotonicMs();
    const action = volume.spend(bytes, messages, nowMs);
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

  #beat(heartbeat: Heartbeat | null, toward: Half): void {
    const nowMs = this.#host.wheel.nowMs;
    if (heartbeat === null || heartbeat.step(nowMs) !== 'ping') return;
    // A reader that is behind would answer late for no fault of the line; the slow-consumer deadline watches it.
    if (toward.blocked) heartbeat.postpone(nowMs);
    else toward.insertControl(heartbeat.ping(this.#host.monotonicMs(), toward.from === 'client' ? newMask() : null));
  }

  #plan(): void {
    this.#host.wheel.schedule(this, this.#end === null ? this.#upkeep.nextDueMs(this) : this.#closeDeadlineMs);
  }
}

type GoneCause = 'client-gone' | 'client-reset' | 'server-gone' | 'server-reset' | 'fault';
type End = Omit<ConnectionEnd, 'closedAtMs'>;

const never = Number.POSITIVE_INFINITY;
