import { randomFillSync } from 'node:crypto';
import { type CloseCause, closeCauses } from '../base/close-cause.ts';
import type { RouteSpec } from '../plan/edge.ts';
import type { ServerState } from '../policy/server-state.ts';
import type { ConnectionEnd, ConnectionRecord } from '../registry/record.ts';
import type { RouteTotals } from '../registry/totals.ts';
import { encodeClose, encodeFrame } from '../ws/frame.ts';
import { opcodes } from '../ws/opcode.ts';
import type { ControlFrame, ScanRules } from '../ws/scanner.ts';
import { type Violation, violations } from '../ws/violation.ts';
import { Direction, type DirectionOwner } from './direction.ts';
import { Heartbeat } from './heartbeat.ts';
import type { CloseRequest, EdgeMessage, SendOutcome } from './surface.ts';
import type { Due, Wheel } from './wheel.ts';
import type { Wire } from './wire.ts';

/** What is known of a connection when its tunnel opens. */
export type ConnectionFacts = Pick<
  ConnectionRecord,
  | 'id'
  | 'openedAtMs'
  | 'clientAddress'
  | 'clientPort'
  | 'tls'
  | 'upstream'
  | 'server'
  | 'host'
  | 'path'
  | 'origin'
  | 'userAgent'
  | 'subprotocol'
  | 'compressed'
  | 'tags'
>;

/** What a connection needs of the worker that holds it. */
export interface ConnectionHost {
  readonly wheel: Wheel;
  readonly random: () => number;
  nowMs(): number;
  monotonicMs(): number;
  onEnd(connection: Connection, end: ConnectionEnd): void;
}

export interface ConnectionOptions {
  readonly host: ConnectionHost;
  readonly facts: ConnectionFacts;
  /** The server's counts and health, for whoever balances. */
  readonly serverState: ServerState;
  readonly route: RouteSpec;
  readonly totals: RouteTotals;
  readonly client: Wire;
  readonly server: Wire;
  readonly rules: { readonly client: ScanRules; readonly server: ScanRules };
}

/**
 * How long an endpoint gets to answer a close frame and to finish its side. Long enough for a round trip over a bad
 * mobile link, and for a server that still finishes its last messages; a hanging one costs two sockets for that long.
 */
const closeGraceMs = 10_000;

type Side = 'client' | 'server';

/** One upgraded client with its server: both directions of the tunnel, their record, their deadlines and their end. */
export class Connection implements ConnectionRecord, DirectionOwner, Due {
  readonly id: string;
  readonly openedAtMs: number;
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly tls: boolean;
  readonly upstream: string;
  readonly server: string;
  readonly host: string;
  readonly path: string;
  readonly origin: string | null;
  readonly userAgent: string | null;
  readonly subprotocol: string | null;
  readonly compressed: boolean;
  readonly tags: Readonly<Record<string, string>>;
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
  readonly #fromClient: Direction;
  readonly #fromServer: Direction;
  readonly #startedMs: number;
  #lifetimeEndsMs = Number.POSITIVE_INFINITY;
  #heartbeatSpec: RouteSpec['heartbeat'] = null;
  /** By the side that is pinged. */
  #heartbeats: Readonly<Record<Side, Heartbeat | null>> = none;
  #end: End | null = null;
  #closeDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(options: ConnectionOptions) {
    const { facts, route, client, server, rules } = options;
    this.id = facts.id;
    this.openedAtMs = facts.openedAtMs;
    this.clientAddress = facts.clientAddress;
    this.clientPort = facts.clientPort;
    this.tls = facts.tls;
    this.upstream = facts.upstream;
    this.server = facts.server;
    this.host = facts.host;
    this.path = facts.path;
    this.origin = facts.origin;
    this.userAgent = facts.userAgent;
    this.subprotocol = facts.subprotocol;
    this.compressed = facts.compressed;
    this.tags = facts.tags;
    this.serverState = options.serverState;
    this.#host = options.host;
    this.#route = route;
    this.#totals = options.totals;
    this.#startedMs = options.host.wheel.nowMs;
    this.lastDataMs = this.#startedMs;
    const { bufferBytesMax } = route.limits;
    this.#fromClient = new Direction({
      owner: this,
      from: 'client',
      source: client,
      target: server,
      rules: rules.client,
      bufferBytesMax,
    });
    this.#fromServer = new Direction({
      owner: this,
      from: 'server',
      source: server,
      target: client,
      rules: rules.server,
      bufferBytesMax,
    });
    Direction.pair(this.#fromClient, this.#fromServer);
    this.follow(route);
  }

  get route(): string {
    return this.#route.name;
  }

  get state(): 'open' | 'closing' {
    return this.#end === null ? 'open' : 'closing';
  }

  get rttMs(): number | null {
    return this.#heartbeats.client?.rttMs ?? null;
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
    const { heartbeat, lifetimeMs } = route;
    if (!sameHeartbeat(heartbeat, this.#heartbeatSpec)) {
      this.#heartbeatSpec = heartbeat;
      this.#heartbeats =
        heartbeat === null
          ? none
          : { client: this.#newHeartbeat(heartbeat), server: heartbeat.server ? this.#newHeartbeat(heartbeat) : null };
    }
    if (lifetimeMs !== this.#route.lifetimeMs || this.#lifetimeEndsMs === Number.POSITIVE_INFINITY) {
      // Up to a tenth earlier, at random: a herd that came together must not leave together.
      const jittered = lifetimeMs === null ? Number.POSITIVE_INFINITY : lifetimeMs * (1 - this.#host.random() / 10);
      this.#lifetimeEndsMs = this.#startedMs + jittered;
    }
    this.#route = route;
    this.#plan();
  }

  /** Starts the close of both sides: each gets a close frame as soon as no other frame is half sent to it. */
  close(request: CloseRequest): void {
    if (this.#end === null) this.#closeBoth(request, { client: request.code, server: request.code });
  }

  /** Cuts both sockets, whatever is still on its way. */
  cut(): void {
    this.#fromClient.source.destroy();
    this.#fromServer.source.destroy();
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
    const cause = this.#overdue(nowMs);
    if (cause !== null) {
      const { by, code, means } = closeCauses[cause];
      this.close({ by, cause, code, reason: means });
      return this.#closeDeadlineMs;
    }
    this.#beat(this.#heartbeats.client, this.#fromServer, null);
    this.#beat(this.#heartbeats.server, this.#fromClient, 'server');
    return this.#nextDueMs();
  }

  onTraffic(direction: Direction, bytes: number, messages: number, hasData: boolean): void {
    if (direction.from === 'client') {
      this.clientBytes += bytes;
      this.clientMessages += messages;
      this.#totals.clientBytes += bytes;
      this.#totals.clientMessages += messages;
    } else {
      this.serverBytes += bytes;
      this.serverMessages += messages;
      this.#totals.serverBytes += bytes;
      this.#totals.serverMessages += messages;
    }
    if (hasData) this.lastDataMs = this.#host.wheel.nowMs;
  }

  takesOut(direction: Direction, frame: ControlFrame): boolean {
    if (frame.opcode !== opcodes.pong) return false;
    const heartbeat = this.#heartbeats[direction.from];
    if (heartbeat === null || !heartbeat.takes(frame.payload, this.#host.monotonicMs(), this.#host.random()))
      return false;
    this.#plan();
    return true;
  }

  onCloseFrame(direction: Direction, frame: ControlFrame): void {
    const by = direction.from;
    this.#record({ by, cause: `${by}-close`, code: frame.close?.code ?? 1005, reason: frame.close?.reason ?? '' });
    this.#settle();
  }

  onCloseInserted(): void {
    this.#settle();
  }

  onViolation(direction: Direction, violation: Violation): void {
    const { code, sentence } = violations[violation];
    const side = direction.from;
    const tooBig = violation === 'message-too-big';
    const cause: CloseCause = tooBig ? 'message-too-big' : `${side}-protocol-error`;
    const by = tooBig ? 'edge' : side;
    // The one at fault is told what it did; the other only that its partner is gone.
    const codes = side === 'client' ? { client: code, server: 1001 } : { client: 1011, server: code };
    this.#closeBoth({ by, cause, code, reason: sentence }, codes);
  }

  onSourceEnd(direction: Direction): void {
    this.#gone(direction, `${direction.from}-gone`);
  }

  onSourceClosed(direction: Direction, error: Error | null): void {
    this.#gone(direction, error === null ? `${direction.from}-gone` : `${direction.from}-reset`);
    if (!this.#fromClient.source.closed || !this.#fromServer.source.closed) return;
    this.#closeDeadlineMs = Number.POSITIVE_INFINITY;
    this.#host.onEnd(this, { ...this.#end!, closedAtMs: this.#host.nowMs() });
  }

  onBlockedChange(direction: Direction): void {
    direction.blockedSinceMs = direction.blocked ? this.#host.wheel.nowMs : -1;
    if (direction.blocked) this.#plan();
  }

  #closeBoth(end: End, codes: Record<Side, number>): void {
    this.#record(end);
    this.#fromServer.insertClose(encodeClose({ code: codes.client, reason: end.reason, mask: null }));
    this.#fromClient.insertClose(encodeClose({ code: codes.server, reason: end.reason, mask: newMask() }));
    this.#settle();
  }

  /** A side ended without a close frame: the other is told, if no frame is half sent to it. */
  #gone(direction: Direction, cause: 'client-gone' | 'client-reset' | 'server-gone' | 'server-reset'): void {
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
    this.#closeDeadlineMs = this.#host.wheel.nowMs + closeGraceMs;
    this.#plan();
  }

  /** Finishes our side toward each endpoint to which nothing is left to say, and from which nothing is awaited. */
  #settle(): void {
    if (this.#end === null) return;
    finishIfDone(this.#fromClient, this.#fromServer);
    finishIfDone(this.#fromServer, this.#fromClient);
  }

  #newHeartbeat(spec: NonNullable<RouteSpec['heartbeat']>): Heartbeat {
    return new Heartbeat(spec, this.#host.wheel.nowMs, this.#host.random());
  }

  #beat(heartbeat: Heartbeat | null, toward: Direction, masked: 'server' | null): void {
    const nowMs = this.#host.wheel.nowMs;
    if (heartbeat === null || heartbeat.beat(nowMs) !== 'ping') return;
    // A reader that is behind would answer late for no fault of the line; the slow-consumer deadline watches it.
    if (toward.blocked) heartbeat.postpone(nowMs);
    else toward.insertControl(heartbeat.ping(this.#host.monotonicMs(), masked === null ? null : newMask()));
  }

  #overdue(nowMs: number): 'slow-consumer' | 'heartbeat-lost' | 'idle-timeout' | 'lifetime' | null {
    const { limits, idleTimeoutMs } = this.#route;
    const isSlow = (direction: Direction) =>
      direction.blocked && nowMs - direction.blockedSinceMs >= limits.slowConsumerMs;
    if (isSlow(this.#fromServer) || isSlow(this.#fromClient)) return 'slow-consumer';
    const isLost = (heartbeat: Heartbeat | null) => heartbeat?.beat(nowMs) === 'lost';
    if (isLost(this.#heartbeats.client) || isLost(this.#heartbeats.server)) return 'heartbeat-lost';
    if (idleTimeoutMs !== null && nowMs - this.lastDataMs >= idleTimeoutMs) return 'idle-timeout';
    return nowMs >= this.#lifetimeEndsMs ? 'lifetime' : null;
  }

  #nextDueMs(): number {
    if (this.#end !== null) return this.#closeDeadlineMs;
    const { idleTimeoutMs, limits } = this.#route;
    let dueMs = Math.min(
      this.#lifetimeEndsMs,
      this.#heartbeats.client?.dueMs ?? never,
      this.#heartbeats.server?.dueMs ?? never,
    );
    if (idleTimeoutMs !== null) dueMs = Math.min(dueMs, this.lastDataMs + idleTimeoutMs);
    for (const direction of [this.#fromClient, this.#fromServer]) {
      if (direction.blocked) dueMs = Math.min(dueMs, direction.blockedSinceMs + limits.slowConsumerMs);
    }
    return dueMs;
  }

  #plan(): void {
    this.#host.wheel.schedule(this, this.#nextDueMs());
  }
}

type End = Omit<ConnectionEnd, 'closedAtMs'>;

const never = Number.POSITIVE_INFINITY;
const none = { client: null, server: null } as const;

function newMask(): Uint8Array {
  return randomFillSync(new Uint8Array(4));
}

function sameHeartbeat(a: RouteSpec['heartbeat'], b: RouteSpec['heartbeat']): boolean {
  return a === b || (a?.everyMs === b?.everyMs && a?.timeoutMs === b?.timeoutMs && a?.server === b?.server);
}

/**
 * Sends our FIN to `own`'s source when the closing handshake with it is complete, when both ends have finished, or when
 * the other end is gone and no close frame could be sent.
 */
function finishIfDone(own: Direction, toward: Direction): void {
  const closeSent = !toward.open || toward.closeSeen;
  const complete = closeSent && own.finished;
  const bothFinished = own.sourceEnded && toward.finished;
  const nothingToSay = toward.sourceEnded && !closeSent;
  if (complete || bothFinished || nothingToSay) own.source.end();
}
