import { MatchReader, type Recorder } from '../tunnel/replay.ts';
import type { Wire, WireListener } from '../tunnel/wire.ts';
import type { Patience } from './patience.ts';

/** What a server may say before the message that ends its opening: more than the client's part of it by far. */
const answerBytesMax = 1_048_576;

/** The wire is paused again, and `rest` is what the client has not seen of what came; or what went wrong. */
export interface Replayed {
  readonly rest: Buffer;
  readonly problem: string | null;
}

/**
 * Says the opening of a connection again to another server. Where a message of the server's ends the opening, its answers up to that one are
 * kept from the client, who has had them from the server before. Never rejects.
 */
export async function replayTo(wire: Wire, rest: Buffer, recorder: Recorder, patience: Patience): Promise<Replayed> {
  wire.write(recorder.recorded!);
  // An opening that was cut short goes on with the new server, and the client hears all of it.
  if (recorder.matched !== true) return { rest, problem: null };
  const listener = new Opening(wire, recorder);
  patience.listen(() => listener.settle('the opening was not answered in time'));
  wire.start(listener, rest);
  wire.resume();
  const replayed = await listener.replayed;
  patience.listen(null);
  return replayed;
}

/** Listens to the server until its opening has ended. */
class Opening implements WireListener {
  readonly borrows = true as const;
  readonly replayed: Promise<Replayed>;
  readonly #wire: Wire;
  readonly #reader: MatchReader;
  #resolve!: (replayed: Replayed) => void;
  #rest: Buffer | null = null;
  #bytes = 0;

  constructor(wire: Wire, { rules, agreement }: Recorder) {
    this.#wire = wire;
    this.#reader = new MatchReader(rules.until!, agreement, answerBytesMax);
    this.replayed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  onBytes(chunk: Buffer): void {
    if (this.#rest !== null) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return;
    }
    this.#bytes += chunk.length;
    const end = this.#reader.read(chunk);
    if (end >= 0) this.settle(null, chunk.subarray(end));
    else if (this.#reader.failed || this.#bytes > answerBytesMax)
      this.settle('it does not answer the opening as expected');
  }

  onDrain(): void {
    // What is written is bounded by the route's replay.
  }

  onEnd(): void {
    this.settle('it ended the connection instead of answering the opening');
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
