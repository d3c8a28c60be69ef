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

/** The wire is paused again, and `rest` is what the client has not seen of what came; or what went wrong. */
export interface Replayed {
  readonly rest: Buffer;
  readonly problem: string | null;
}

/** Listens to the server until it has answered. */
abstract class Listener implements WireListener {
  readonly borrows = true as const;
  readonly replayed: Promise<Replayed>;
  readonly #wire: Wire;
  #resolve!: (replayed: Replayed) => void;
  #rest: Buffer | null = null;
  #bytes = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
    this.replayed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  onBytes(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#rest !== null) this.#rest = Buffer.concat([this.#rest, chunk]);
    else if (this.#bytes > answerBytesMax) this.settle('it says too much before it answers the replay');
    else this.read(chunk);
  }

  /** Looks for the answer. */
  protected abstract read(chunk: Buffer): void;

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
    this.#wire.pause();
    this.#resolve({ rest: this.#rest, problem });
  }
}

/** The answer is a message that matches: what comes up to it the client has had before. */
class Opening extends Listener {
  readonly #reader: MatchReader;

  constructor(wire: Wire, { rules, agreement }: Recorder) {
    super(wire);
    this.#reader = new MatchReader(rules.until!, agreement, answerBytesMax);
  }

  protected read(chunk: Buffer): void {
    const end = this.#reader.read(chunk);
    if (end >= 0) this.settle(null, chunk.subarray(end));
    else if (this.#reader.failed) this.settle('it does not answer the opening as expected');
  }
}

/**
 * The answer is the pong to a ping behind the replay (RFC 6455, 5.5.3): who has sent it has read the replay, and the old server may go. All
 * else that comes is the client's.
 */
class Fence extends Listener {
  readonly #scanner: FrameScanner;
  readonly #mark = randomBytes(8);
  #heard = Buffer.alloc(0);

  constructor(wire: Wire, { agreement }: Recorder) {
    super(wire);
    const compression = agreement !== null;
    this.#scanner = new FrameScanner({ masked: false, compression, messageBytesMax: Number.MAX_SAFE_INTEGER });
    wire.write(encodeFrame({ opcode: opcodes.ping, mask: nextMask(), payload: this.#mark }));
  }

  protected read(chunk: Buffer): void {
    const before = this.#heard.length;
    this.#heard = Buffer.concat([this.#heard, chunk]);
    this.#scanner.scan(chunk);
    const pong = this.#scanner.controls.find(
      ({ opcode, payload }) => opcode === opcodes.pong && this.#mark.equals(payload),
    );
    if (pong !== undefined) {
      const [start, end] = [before + pong.start, before + pong.end];
      this.settle(null, Buffer.concat([this.#heard.subarray(0, start), this.#heard.subarray(end)]));
    } else if (this.#scanner.closed || this.#scanner.violation !== null)
      this.settle('it closes instead of answering the replay');
  }
}

/**
 * Says the opening of a connection again to another server. Where a message of the server's ends the opening, its answers up to that one are
 * kept from the client, who has had them from the server before. Never rejects.
 */
export async function replayTo(wire: Wire, rest: Buffer, recorder: Recorder, patience: Patience): Promise<Replayed> {
  wire.write(recorder.recorded!);
  // An opening that was cut short goes on with the new server, and the client hears all of it.
  const listener = recorder.matched === true ? new Opening(wire, recorder) : new Fence(wire, recorder);
  patience.listen(() => listener.settle('it did not answer the replay in time'));
  wire.start(listener, rest);
  wire.resume();
  const replayed = await listener.replayed;
  patience.listen(null);
  return replayed;
}
