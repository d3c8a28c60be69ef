import { closeCauses } from '../../base/close-cause.ts';
import type { MoveReason } from '../../base/move.ts';
import type { ConnectionRecord } from '../../registry/record.ts';
import { encodeMessage } from '../../ws/frame.ts';
import { nextMask } from '../../ws/mask-source.ts';
import { opcodes } from '../../ws/opcode.ts';
import type { ControlFrame } from '../../ws/scanner.ts';
import type { Violation } from '../../ws/violation.ts';
import type { Asked, CloseRequest, EdgeMessage, SendOutcome } from '../contract.ts';
import { EdgeFault } from '../faults/faults.ts';
import { Closing, type GoneCause, goneEnd, tell } from './closing.ts';
import type { Bereft, ConnectionOptions } from './connection-options.ts';
import { type End, endFor } from './fault.ts';
import type { Half } from './half.ts';
import { type Hold, holdHalves } from './hold.ts';
import { Movable, type MoveFailure, type MoveTold, type MovingOwner } from './moving/movable.ts';
import type { NewServer } from './moving/redialler.ts';
import { OpenConnection } from './open-connection.ts';
import type { UpkeepCause } from './upkeep.ts';
import type { Due } from './wheel.ts';

/** One upgraded client with its server: what is asked of it, the exchange of its server, and its end. */
export class Connection extends OpenConnection implements ConnectionRecord, Bereft, MovingOwner, Due {
  /** It is to close as soon as no message is half carried. */
  leaves = false;
  dueTick = -1;

  /** Of a route whose clients may get another server. */
  readonly #movable: Movable | null;
  /** null while it is open. */
  #closing: Closing | null = null;
  /** null but while it stands still for a hand-over. */
  #asked: Asked | null = null;
  /** How it goes on after its server has broken off; null when it waits for no turn. */
  #turn: (() => void) | null = null;

  constructor(options: ConnectionOptions) {
    super(options);
    this.#movable = options.move === null ? null : new Movable({ owner: this, ...options.move });
    this.follow(options.route);
  }

  /** It stands still for a hand-over. */
  get frozen(): boolean {
    return this.#asked !== null;
  }

  /** How its server can be exchanged; null on a route that does not move. */
  get movable(): Movable | null {
    return this.#movable;
  }

  get waits(): boolean {
    return this.#turn !== null;
  }

  get state(): 'open' | 'closing' {
    return this.#closing === null ? 'open' : 'closing';
  }

  /** Starts to carry. `clientHead` are frames that came right behind the handshake, `serverHead` right behind the 101. */
  open(clientHead: Buffer | null, serverHead: Buffer | null): void {
    if (this.#movable !== null) this.#movable.start(clientHead, serverHead);
    else {
      this.fromServer.source.start(this.fromServer, serverHead);
      this.fromClient.source.start(this.fromClient, clientHead);
    }
    this.plan();
  }

  /** Starts the close of both sides: each gets a close frame as soon as no other frame is half sent to it. */
  close(request: CloseRequest): void {
    if (this.#asked !== null) this.#asked.close ??= request;
    else if (this.#closing === null)
      this.#begin(request).tellBoth(request.reason, { client: request.code, server: request.code });
    else this.takeTurn();
  }

  lost(): void {
    this.#closing?.lost();
  }

  takeTurn(): boolean {
    const turn = this.#turn;
    this.#turn = null;
    turn?.();
    return turn !== null;
  }

  /** Cuts both sockets, whatever is still on its way; with an error, for that. */
  cut(error?: Error): void {
    this.fromClient.source.destroy(error);
    this.fromServer.source.destroy(error);
  }

  /** Stops both ways between messages, until the hold is released; whoever closes it meanwhile releases it first. null when it cannot be held. */
  hold(onHeld: () => void): Hold | null {
    if (this.#closing !== null) return null;
    if (this.#movable !== null) return this.#movable.hold(onHeld);
    return holdHalves(this.fromClient, this.fromServer, this.bufferBytesMax, onHeld);
  }

  /** Gets another server while its own is there; `orElse` is called when there is none. Returns false when it cannot be moved at all. */
  move(reason: MoveReason, orElse: () => void): boolean {
    // Whoever takes it over cannot be told of a move.
    if (this.#asked !== null) orElse();
    else if (this.#closing === null) this.#movable?.move(reason, orElse);
    return this.#movable !== null;
  }

  serverLost(goOn: () => void): void {
    if (this.worker.onBroken(this)) this.#turn = goOn;
    else goOn();
  }

  leaveServer(): void {
    tell(this.fromClient, 1001, 'this client goes on with another server');
  }

  adopt(server: NewServer): void {
    const before = this.serverState;
    this.carryTo(server);
    this.worker.onAdopted(before);
  }

  moved(move: MoveTold): void {
    this.worker.onMoved(this, move);
  }

  moveFailed(failure: MoveFailure): void {
    const { by, code, means } = closeCauses['move-failed'];
    this.worker.onMoved(this, failure);
    this.close({ by, cause: 'move-failed', code, reason: means });
  }

  send(message: EdgeMessage): SendOutcome {
    if (this.#closing !== null) return 'closing';
    if (this.#asked !== null) {
      if (this.#asked.messages.length >= askedMessagesMax) return 'full';
      this.#asked.messages.push(message);
      return 'queued';
    }
    if (message.to === 'server' && this.#movable?.moving) return 'full';
    const direction = message.to === 'client' ? this.fromServer : this.fromClient;
    return direction.insertMessage(encodeMessage(message.data, message.to === 'client' ? null : nextMask()));
  }

  /** Stands still for a hand-over: what is asked of it meanwhile is noted. Its sockets are frozen by whoever calls this. */
  freeze(): void {
    this.#asked = { close: null, messages: [] };
    this.worker.wheel.forget(this);
  }

  /** Goes on here. */
  thaw(): void {
    const asked = this.#asked;
    this.#asked = null;
    for (const { source } of this.directions) source.thaw();
    this.plan();
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

  /** Reads no more of a source whose target is behind, until it has caught up or `on` is false. */
  calm(on: boolean): void {
    if (this.#asked !== null || this.#closing !== null) return;
    if (!on) {
      this.fromServer.throttle(false);
      this.resumeRates();
      return;
    }
    for (const half of [this.fromClient, this.fromServer])
      if (half.blocked || half.target.queuedBytes > 0) half.throttle(true);
  }

  onDue(nowMs: number): number {
    const closing = this.#closing;
    if (closing !== null) {
      if (closing.isOver(nowMs)) this.cut();
      return closing.dueMs;
    }
    this.keepUp(nowMs);
    return this.#dueMs;
  }

  takesOut(direction: Half, frame: ControlFrame): boolean {
    // The client is going to get the edge's own close frame in its place.
    if (frame.opcode === opcodes.close) return this.#closing?.replacesClose === true && direction.from === 'server';
    if (frame.opcode !== opcodes.pong) return false;
    return this.upkeep.heartbeats[direction.from]?.takes(frame.payload, this.worker.monotonicMs()) ?? false;
  }

  onCloseFrame(direction: Half, frame: ControlFrame): void {
    const by = direction.from;
    const { code, reason } = frame.close ?? { code: 1005, reason: '' };
    const closing = this.#begin({ by, cause: `${by}-close`, code, reason });
    closing.spoken(by, this.worker.wheel.nowMs);
    closing.settle();
    this.plan();
  }

  onCloseInserted(): void {
    this.#closing?.settle();
  }

  onViolation(direction: Half, violation: Violation): void {
    const side = direction.from;
    const end = endFor(violation, direction, this.rules[side].messageBytesMax);
    // The one at fault is told what it did; the other only that its partner is gone.
    if (side === 'client' && this.#closing === null) {
      // What the client said before its fault was right, and the server may answer it: the verdict waits for that, and not for long.
      this.#begin(end, 'server').tellServer(end.reason);
      return;
    }
    const closing = this.#begin(end);
    closing.pronounce(this.worker.wheel.nowMs);
    const codes = side === 'client' ? { client: end.code, server: 1001 } : { client: 1011, server: end.code };
    closing.tellBoth(end.reason, codes);
  }

  onSourceEnd(direction: Half): void {
    this.#gone(direction, `${direction.from}-gone`);
  }

  onSourceClosed(direction: Half, error: Error | null): void {
    const broken = error instanceof EdgeFault ? 'fault' : (`${direction.from}-reset` as const);
    this.#gone(direction, error === null ? `${direction.from}-gone` : broken);
    if (!this.fromClient.source.closed || !this.fromServer.source.closed) return;
    const end = this.#closing!.closed(this.worker.nowMs());
    this.worker.wheel.forget(this);
    this.worker.onEnd(this, end);
  }

  onHookClose(_direction: Half, { code, reason }: { readonly code: number; readonly reason: string }): void {
    this.close({ by: 'edge', cause: 'hook', code, reason });
  }

  /** A side ended without a close frame: the other is told, if no frame is half sent to it. */
  #gone(direction: Half, cause: GoneCause): void {
    if (this.#closing === null) {
      const canBeTold = direction.atFrameBoundary;
      const end = goneEnd(cause, canBeTold);
      if (direction.from === 'server' && cause !== 'fault') {
        const closing = this.#begin(end, 'turn');
        this.serverLost(() => {
          closing.pronounce(this.worker.wheel.nowMs);
          this.plan();
        });
        return;
      }
      this.#begin(end);
      if (canBeTold) tell(direction, end.code, end.reason);
    } else this.#closing.spoken(direction.from, this.worker.wheel.nowMs);
    this.#closing?.settle();
    this.plan();
  }

  /** The end begins, unless it has begun already. */
  #begin({ by, cause, code, reason }: End, waitsFor: 'server' | 'turn' | null = null): Closing {
    if (this.#closing !== null) return this.#closing;
    this.#turn = null;
    const { nowMs } = this.worker.wheel;
    const silentMs = Math.max(0, nowMs - this.lastDataMs);
    const end = { by, cause, code, reason, begunAtMs: this.worker.nowMs(), silentMs };
    const closing = new Closing({ end, ...this.halves, nowMs, waitsFor });
    this.#closing = closing;
    this.#movable?.abandon();
    this.plan();
    return closing;
  }

  protected closeFor(cause: UpkeepCause): void {
    const { by, code, means } = closeCauses[cause];
    this.close({ by, cause, code, reason: means });
  }

  protected plan(): void {
    if (this.#asked !== null) return;
    this.worker.wheel.schedule(this, this.#dueMs);
  }

  get #dueMs(): number {
    return this.#closing === null ? this.upkeep.nextDueMs(this) : this.#closing.dueMs;
  }
}

/** More than anybody sends in the milliseconds of a hand-over. */
const askedMessagesMax = 100;
