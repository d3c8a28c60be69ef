import type { MoveReason } from '../../../base/move.ts';
import { FrameScanner, type ScanRules } from '../../../ws/scanner.ts';
import type { Remembered } from '../../handshake/redial/remembered.ts';
import type { Half } from '../half.ts';
import { Hold } from '../hold.ts';
import { Intake, type IntakeWatch } from '../intake.ts';
import type { Side } from '../upkeep.ts';
import { farewell } from './farewell.ts';
import { Move } from './move.ts';
import type { NewServer, Redialler } from './redialler.ts';
import type { Recorder, RecorderState } from './replay.ts';

/** A move that is done; `stallMs`: how long what the client said had to wait. */
export interface MoveTold {
  readonly from: string;
  readonly reason: MoveReason;
  readonly stallMs: number;
}

/** One that could not be done. */
export interface MoveFailure {
  readonly from: string;
  readonly reason: MoveReason;
  readonly detail: string;
}

/** Of a connection that can be moved, as it travels to another worker. */
export interface MovableState {
  readonly remembered: Remembered;
  readonly recorder: RecorderState | null;
}

/** `client` and `server`: bytes that were read and not passed on, in front of all that follow. */
export interface MovableSnapshot {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
  readonly move: MovableState;
}

/** What a move needs of the connection that it moves. */
export interface MovingOwner {
  readonly server: string;
  readonly state: 'open' | 'closing';
  /** When data passed last, monotonic. */
  readonly lastDataMs: number;
  readonly halves: { readonly fromClient: Half; readonly fromServer: Half };
  readonly rules: { readonly client: ScanRules; readonly server: ScanRules };
  readonly bufferBytesMax: number;
  monotonicMs(): number;
  heardFrom(side: Side): void;
  /** Its server is gone: `goOn` is called when it may have another. */
  serverLost(goOn: () => void): void;
  /** The server is told that nothing more comes from this client. */
  leaveServer(): void;
  /** Its halves are between the client and this server from now on. */
  adopt(server: NewServer): void;
  moved(move: MoveTold): void;
  /** It had to be moved and could not be. */
  moveFailed(failure: MoveFailure): void;
}

export interface MovableOptions {
  readonly owner: MovingOwner;
  readonly redialler: Redialler;
  readonly recorder: Recorder | null;
}

/** A message of the largest size over a slow line, as for a close. */
const boundaryWaitMs = 2000;
/**
 * Many servers drop an answer that they are about to give when a close frame comes. What was said last gets this long to be answered, if it was
 * said just now; more than most answers take, and less than a person notices. Twice a tick of the wheel, which dates what was said.
 */
const answerMs = 200;
/** What the old server still has to say to the client comes before its close frame; a hanging one must not stop the client for longer. */
const partingMs = 5000;

/** A server that takes over and dies at once does so for the next client as well: after so many of them it is no accident. */
const soonMs = 1000;
const soonMax = 3;

/** Codes by which a server says that it goes, and not that it wants this client gone (RFC 6455, 7.4.1 and its registry). */
const leavingCodes: ReadonlySet<number> = new Set([1001, 1012]);

/**
 * A connection whose server can be exchanged under it. Its halves get messages whole, so that there is a boundary both ways nearly always,
 * and half a message of a server that died reaches nobody.
 */
export class Movable {
  readonly #options: MovableOptions;
  readonly #owner: MovingOwner;
  #client!: Intake;
  #server!: Intake;
  #move: Move | null = null;
  #movedMs = Number.NEGATIVE_INFINITY;
  /** Servers in a row that were lost as soon as they had taken over. */
  #soon = 0;

  constructor(options: MovableOptions) {
    this.#options = options;
    this.#owner = options.owner;
  }

  get moving(): boolean {
    return this.#move !== null;
  }

  /** Begins to carry, with the server as it is: at the opening, and again with each new one. */
  start(clientHead: Buffer | null, serverHead: Buffer | null): void {
    const { fromClient, fromServer } = this.#owner.halves;
    this.#client = this.#intake(fromClient, this.#watchClient());
    this.#server = this.#intake(fromServer, this.#watchServer());
    fromServer.source.resume();
    fromServer.source.start(this.#server, serverHead);
    fromClient.source.resume();
    fromClient.source.start(this.#client, clientHead);
  }

  /** Exchanges the server while it is still there; one that is being exchanged already is. `orElse` is called when there is no other. */
  move(reason: MoveReason, orElse: () => void): void {
    if (this.#move === null) this.#redial(this.#begin(reason, orElse));
  }

  /** Stops both ways for another reason; null while it is moved. */
  hold(onHeld: () => void): Hold | null {
    return this.#move === null ? new Hold(this.#client, this.#server, onHeld) : null;
  }

  /** What another worker needs to go on with it; null while it cannot be handed over: it is being moved, or a long message streams. */
  snapshot(): MovableSnapshot | null {
    if (this.#move !== null || this.#client.streaming || this.#server.streaming) return null;
    const { redialler, recorder } = this.#options;
    return {
      client: this.#client.kept,
      server: this.#server.kept,
      move: { remembered: redialler.remembered, recorder: recorder?.snapshot() ?? null },
    };
  }

  /** The connection ends for another reason. */
  abandon(): void {
    const move = this.#move;
    if (move === null) return;
    this.#stop(move);
    move.patience.lose('left');
    if (move.server !== null) this.#options.redialler.discard(move.server);
    // Whoever ends the connection is not through with it yet.
    queueMicrotask(() => this.#goOn());
  }

  #begin(reason: MoveReason, orElse: () => void): Move {
    const move = new Move(reason, this.#owner.server, orElse);
    this.#move = move;
    return move;
  }

  #redial(move: Move): void {
    if (this.#move !== move) return;
    const { reason } = move;
    const { redialler, recorder } = this.#options;
    void redialler.redial({ reason, from: move.from, patience: move.patience, recorder }).then((redialled) => {
      if (this.#move !== move) {
        if (redialled.ok) redialler.discard(redialled.server);
      } else if (redialled.ok) this.#dialled(move, redialled.server);
      else this.#fail(move, redialled.detail);
    });
  }

  #dialled(move: Move, server: NewServer): void {
    move.server = server;
    if (move.serverGone) {
      if (this.#client.held) this.#swap(move);
      return;
    }
    const tooLong = 'the client was in the middle of a message for too long';
    move.wait(boundaryWaitMs, () => this.#fail(move, tooLong));
    this.#hold(move);
  }

  #hold(move: Move): void {
    if (this.#client.held) return;
    move.stoppedMs = this.#owner.monotonicMs();
    this.#client.hold(() => this.#held(move), move.serverGone);
  }

  /** The client is stopped between messages. */
  #held(move: Move): void {
    if (this.#move !== move || move.server === null) return;
    if (move.serverGone) {
      this.#swap(move);
      return;
    }
    const silentMs = this.#owner.monotonicMs() - this.#owner.lastDataMs;
    if (silentMs >= answerMs) this.#part(move);
    else move.wait(answerMs, () => this.#part(move));
  }

  #part(move: Move): void {
    move.parting = true;
    move.wait(partingMs, () => this.#fail(move, 'its server did not answer the close frame'));
    this.#owner.leaveServer();
  }

  /** The server's last message has been passed on, or it is gone. */
  #serverTaken(): void {
    const known = this.#move;
    const move = known ?? this.#begin('server-lost', () => undefined);
    move.serverGone = true;
    const nowMs = this.#owner.monotonicMs();
    if (!move.parting) this.#soon = nowMs - this.#movedMs < soonMs ? this.#soon + 1 : 0;
    if (this.#soon >= soonMax) {
      move.patience.lose('left');
      this.#fail(move, `${soonMax} servers in a row were lost within a second`);
      return;
    }
    this.#owner.halves.fromClient.lag = null;
    if (!move.parting) {
      this.#owner.leaveServer();
      this.#hold(move);
    }
    if (known === null) this.#owner.serverLost(() => this.#redial(move));
    else if (this.#client.held && move.server !== null) this.#swap(move);
  }

  #swap(move: Move): void {
    const { redialler, recorder } = this.#options;
    this.#stop(move);
    const kept = this.#client.take();
    const old = this.#owner.halves.fromServer.source;
    const server = move.server!;
    if (this.#owner.state === 'closing') {
      redialler.discard(server);
      return;
    }
    recorder?.restart();
    this.#owner.adopt(server);
    farewell(old);
    this.#movedMs = this.#owner.monotonicMs();
    const stallMs = this.#movedMs - move.stoppedMs!;
    this.#owner.moved({ from: move.from, reason: move.reason, stallMs });
    this.start(kept, server.rest);
  }

  #fail(move: Move, detail: string): void {
    this.#stop(move);
    if (move.server !== null) this.#options.redialler.discard(move.server);
    const { reason, from } = move;
    if (move.serverGone || move.parting) this.#owner.moveFailed({ from, reason, detail });
    else move.orElse();
    this.#goOn();
  }

  /** Everything goes on as if no move had been. */
  #goOn(): void {
    if (this.#move !== null) return;
    this.#client.release();
    this.#server.giveBack();
  }

  #stop(move: Move): void {
    this.#move = null;
    move.stopWaiting();
  }

  #intake(half: Half, watch: IntakeWatch): Intake {
    const { rules, bufferBytesMax } = this.#owner;
    const scanner = new FrameScanner(rules[half.from]);
    return new Intake({
      half,
      scanner,
      held: null,
      wholeBytesMax: bufferBytesMax,
      keptBytesMax: bufferBytesMax,
      watch,
    });
  }

  #watchClient(): IntakeWatch {
    return {
      onHeard: () => this.#owner.heardFrom('client'),
      onWhole: (bytes) => this.#options.recorder?.fromClient(bytes),
      takesClose: () => false,
      takesEnd: () => false,
      onTaken: () => undefined,
    };
  }

  #watchServer(): IntakeWatch {
    return {
      onHeard: () => this.#owner.heardFrom('server'),
      onWhole: (bytes) => this.#options.recorder?.fromServer(bytes),
      takesClose: (code) => this.#owner.state === 'open' && (this.#move?.parting === true || leavingCodes.has(code)),
      takesEnd: (isHalf) => this.#owner.state === 'open' && !isHalf,
      onTaken: () => this.#serverTaken(),
    };
  }
}
