import { randomBytes } from 'node:crypto';
import { encodeFrame } from '../../../ws/frame.ts';
import { nextMask } from '../../../ws/mask-source.ts';
import { opcodes } from '../../../ws/opcode.ts';
import { FrameScanner } from '../../../ws/scanner.ts';
import { MatchReader, type Recorder } from '../../tunnel/moving/replay.ts';
import type { Wire, WireListener } from '../../tunnel/wire.ts';
import type { Patience } from '../patience.ts';

/** What a server may say before the message that ends its opening: more than the client's part of it by far. */
const answerBytesMax = 1_048_576;

/**
 * Control frames that it may send meanwhile: a megabyte of empty pings would be half a million frames to look at, for
 * each move.
 */
const controlFramesMax = 1_000;

/** Bytes that are looked at in one go, so that a bound is noticed before much has been looked at in vain. */
const pieceBytes = 4_096;

/** The wire is paused again, and `rest` is what the client has not seen of what came; or what went wrong. */
export interface Replayed {
  readonly rest: Buffer;
  readonly problem: string | null;
}

/** Listens to the server until it has answered. */
abstract class Listener implements WireListener {
  readonly borrows = true as const;
  readonly settled: Promise<void>;
  readonly #wire: Wire;
  #resolve!: () => void;
  #rest: Buffer | null = null;
  #problem: string | null = null;
  #bytes = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
    this.settled = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  onBytes(chunk: Buffer): void {
    this.#bytes += chunk.length;
    let at = 0;
    for (; at < chunk.length && this.#rest === null; at += pieceBytes) {
      this.read(chunk.subarray(at, at + pieceBytes));
      if (this.#bytes > answerBytesMax || this.controlFrames > controlFramesMax)
        this.settle('it says too much before it answers the replay');
    }
    // What a socket had on its way when it was paused.
    if (this.#rest !== null && at < chunk.length) this.#rest = Buffer.concat([this.#rest, chunk.subarray(at)]);
  }

  /** Control frames that have come. */
  protected abstract get controlFrames(): number;

  /** Looks for the answer. */
  protected abstract read(piece: Buffer): void;

  /** Once it has settled. What came in the same turn after the answer is in it. */
  get replayed(): Replayed {
    return { rest: this.#rest!, problem: this.#problem };
  }

  onDrain(): void {
    // What is written is bounded by the route's replay.
  }

  onEnd(): void {
    this.settle('it ended the connection instead of answering the replay');
  }

  onClosed(): void {
    this.onEnd();
  }

  settle(problem: string | null, rest: Buffer = Buffer.alloc(0)): void {
    if (this.#rest !== null) return;
    this.#rest = Buffer.from(rest);
    this.#problem = problem;
    this.#wire.pause();
    this.#resolve();
  }
}

/** The answer is a message that matches: what comes up to it the client has had before. */
class Opening extends Listener {
  readonly #reader: MatchReader;

  constructor(wire: Wire, { rules, agreement }: Recorder) {
    super(wire);
    this.#reader = new MatchReader(rules.until!, agreement, answerBytesMax);
  }

  protected get controlFrames(): number {
    return this.#reader.controlFrames;
  }

  protected read(piece: Buffer): void {
    const end = this.#reader.read(piece);
    if (end >= 0) this.settle(null, piece.subarray(end));
    else if (this.#reader.failed) this.settle('it does not answer the opening as expected');
  }
}

/**
 * The answer is the pong to a ping behind the replay (RFC 6455, 5.5.3): who has sent it has read the replay, and the
 * old server may go. All else that comes is the client's.
 */
class Fence extends Listener {
  readonly #scanner: FrameScanner;
  readonly #mark = randomBytes(8);
  /** Put together once, at the end: a server that answers in crumbs would otherwise have all of it copied for each. */
  readonly #heard: Buffer[] = [];
  #heardBytes = 0;
  protected controlFrames = 0;

  constructor(wire: Wire, { agreement }: Recorder) {
    super(wire);
    const compression = agreement !== null;
    this.#scanner = new FrameScanner({ masked: false, compression, messageBytesMax: Number.MAX_SAFE_INTEGER });
    wire.write(encodeFrame({ opcode: opcodes.ping, mask: nextMask(), payload: this.#mark }));
  }

  protected read(piece: Buffer): void {
    const before = this.#heardBytes;
    this.#heard.push(Buffer.from(piece));
    this.#heardBytes += piece.length;
    this.#scanner.scan(piece);
    this.controlFrames += this.#scanner.controls.length;
    const pong = this.#scanner.controls.find(
      ({ opcode, payload }) => opcode === opcodes.pong && this.#mark.equals(payload),
    );
    if (pong !== undefined) {
      const heard = Buffer.concat(this.#heard, this.#heardBytes);
      const [start, end] = [before + pong.start, before + pong.end];
      this.settle(null, Buffer.concat([heard.subarray(0, start), heard.subarray(end)]));
    } else if (this.#scanner.closed || this.#scanner.violation !== null)
      this.settle('it closes instead of answering the replay');
  }
}

/**
 * Says the opening of a connection again to another server. Where a message of the server's ends the opening, its
 * answers up to that one are kept from the client, who has had them from the server before. Never rejects.
 */
export async function replayTo(wire: Wire, rest: Buffer, recorder: Recorder, patience: Patience): Promise<Replayed> {
  wire.write(recorder.recorded!);
  // An opening that was cut short goes on with the new server, and the client hears all of it.
  const listener = recorder.matched === true ? new Opening(wire, recorder) : new Fence(wire, recorder);
  patience.listen(() => listener.settle('it did not answer the replay in time'));
  wire.start(listener, rest);
  wire.resume();
  await listener.settled;
  patience.listen(null);
  return listener.replayed;
}
