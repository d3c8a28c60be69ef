import type { StayCause } from '../../base/stay-cause.ts';
import { ByteStore } from '../../ws/byte-store.ts';
import type { FrameScanner } from '../../ws/scanner.ts';
import type { Half } from './half.ts';
import type { WireListener } from './wire.ts';

/** What whoever set an intake hears of its source, and may keep to itself. */
export interface IntakeWatch {
  /** Bytes came that are not passed on yet: a sign of life all the same. */
  onHeard(): void;
  /** Messages and what stands between them, whole; they go on to the half right after this. */
  onWhole(bytes: Buffer): void;
  /** The source's close frame came, and no message is half passed on. True: nothing of it goes further, nor of what follows. */
  takesClose(code: number): boolean;
  /** The source finished its side, or is gone. True: the half does not hear of it. `isHalf`: a message is half passed on. */
  takesEnd(isHalf: boolean): boolean;
  takesClosed(error: Error | null, isHalf: boolean): boolean;
}

export interface IntakeOptions {
  readonly half: Half;
  /** Stands where the source stands. */
  readonly scanner: FrameScanner;
  /** Bytes that were read and belong in front of all others; null for none. */
  readonly held: Buffer | null;
  /** A message of up to so many bytes is passed on in one, once it is whole; a longer one as it comes. */
  readonly wholeBytesMax: number;
  /** While it is stopped the source is read up to so many bytes. */
  readonly keptBytesMax: number;
  readonly watch: IntakeWatch | null;
}

/**
 * Stands between a wire and the half that reads it, for as long as somebody may want to stop that half between messages. It passes the
 * same bytes on in the same order, and when it is stopped it keeps what follows the boundary, for whoever goes on with them.
 */
export class Intake implements WireListener {
  readonly borrows = true as const;
  readonly #options: IntakeOptions;
  readonly #half: Half;
  #scanner: FrameScanner;
  readonly #kept = new ByteStore();
  /** A message is passed on as it comes, since it is too long to be kept, or had begun before this did. */
  #streaming: boolean;
  /** A close frame or a violation has passed: the half knows best what follows. */
  #through = false;
  /** What comes is dropped. */
  #deaf = false;
  #held = false;
  #onHeld: (() => void) | null = null;
  #ended = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#half = options.half;
    this.#scanner = options.scanner;
    this.#streaming = !options.scanner.atMessageBoundary;
    if (options.held !== null) this.#keep(options.held);
  }

  get bytesAhead(): number {
    return this.#scanner.payloadLeft;
  }

  /** Stopped: nothing of a message is half passed on, and nothing more goes on before `release`. */
  get held(): boolean {
    return this.#held;
  }

  get stays(): StayCause | null {
    return this.#held || this.#onHeld !== null || this.#kept.length > 0 ? 'moving' : null;
  }

  /** Bytes that were read and not passed on. */
  get keptBytes(): number {
    return this.#kept.length;
  }

  /** Stops at the next boundary between messages and calls back, at once if it is there. Never calls when the source closes first. */
  hold(onHeld: () => void): void {
    if (this.#through || this.#deaf) return;
    this.#onHeld = onHeld;
    if (!this.#streaming) this.#stop();
  }

  /** Takes out what was kept, for whoever reads the source from now on. */
  take(): Buffer {
    const { buffer, byteOffset, length } = this.#kept.take();
    return Buffer.from(buffer, byteOffset, length);
  }

  /** Goes on with what was kept. */
  release(): void {
    this.#onHeld = null;
    if (!this.#held) return;
    this.#held = false;
    const bytes = this.take();
    if (this.#half.listening) this.#half.source.resume();
    if (bytes.length > 0) this.onBytes(bytes);
    if (this.#ended) this.onEnd();
  }

  onBytes(chunk: Buffer): void {
    if (this.#deaf) return;
    if (this.#through) this.#half.onBytes(chunk);
    else if (this.#held) this.#keepHeld(chunk);
    else this.#pass(chunk);
  }

  onDrain(): void {
    this.#half.onDrain();
  }

  onEnd(): void {
    if (this.#held) {
      this.#ended = true;
      return;
    }
    if (this.#deaf || this.#options.watch?.takesEnd(this.#streaming)) return;
    this.#passKept();
    this.#half.onEnd();
  }

  onClosed(error: Error | null): void {
    const taken = this.#options.watch?.takesClosed(error, this.#streaming) ?? false;
    this.#deaf = true;
    if (taken) return;
    this.take();
    this.#half.onClosed(error);
  }

  #pass(chunk: Buffer): void {
    const scanner = this.#scanner;
    scanner.scan(chunk);
    const { boundaryEnd } = scanner;
    if (scanner.closed || scanner.violation !== null) this.#passLast(chunk);
    else if (this.#onHeld !== null) this.#passUpTo(chunk, scanner.firstMessageEnd);
    else if (boundaryEnd < 0) this.#passPart(chunk);
    else {
      this.#passKept();
      this.#streaming = false;
      this.#forward(boundaryEnd === chunk.length ? chunk : chunk.subarray(0, boundaryEnd));
      if (boundaryEnd < chunk.length) this.#passPart(chunk.subarray(boundaryEnd));
    }
  }

  /** Of a message that is not whole yet. */
  #passPart(chunk: Buffer): void {
    if (this.#streaming) {
      this.#forward(chunk);
      return;
    }
    this.#keep(chunk);
    if (this.#kept.length <= this.#options.wholeBytesMax) this.#options.watch?.onHeard();
    else {
      this.#streaming = true;
      this.#passKept();
    }
  }

  /** The message that is on its way is the last before the stop. */
  #passUpTo(chunk: Buffer, end: number): void {
    if (end < 0) {
      this.#forward(chunk);
      return;
    }
    this.#forward(chunk.subarray(0, end));
    this.#streaming = false;
    if (end < chunk.length) this.#keep(chunk.subarray(end));
    this.#stop();
  }

  /** The close frame, or what breaks the protocol, is in this chunk. */
  #passLast(chunk: Buffer): void {
    const scanner = this.#scanner;
    const before = this.#kept.length;
    this.#keep(chunk);
    const bytes = this.take();
    const close = scanner.controls.at(-1);
    if (close?.close && !(this.#streaming && !scanner.atMessageBoundary)) {
      if (this.#options.watch?.takesClose(close.close.code)) {
        this.#deaf = true;
        // Of a message that the close frame cuts short, nothing is passed on.
        const end = before + (scanner.atMessageBoundary ? close.start : scanner.boundaryEnd);
        if (scanner.atMessageBoundary || scanner.boundaryEnd >= 0) this.#forward(bytes.subarray(0, end));
        return;
      }
    }
    this.#through = true;
    this.#half.onBytes(bytes);
  }

  #passKept(): void {
    if (this.#kept.length > 0) this.#forward(this.take());
  }

  #forward(bytes: Buffer): void {
    this.#options.watch?.onWhole(bytes);
    this.#half.onBytes(bytes);
  }

  /** What was kept will be read anew by whoever passes it on. */
  #stop(): void {
    this.#held = true;
    this.#scanner = this.#scanner.fresh();
    const onHeld = this.#onHeld;
    this.#onHeld = null;
    onHeld?.();
  }

  #keepHeld(chunk: Buffer): void {
    this.#keep(chunk);
    this.#options.watch?.onHeard();
    if (this.#kept.length > this.#options.keptBytesMax) this.#half.source.pause();
  }

  #keep(chunk: Buffer): void {
    this.#kept.add(chunk, this.#options.wholeBytesMax + this.#options.keptBytesMax);
  }
}
