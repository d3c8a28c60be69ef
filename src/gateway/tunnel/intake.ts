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
  /** Is the source's close frame to go no further, nor what follows it? Not asked while a message is half passed on. */
  takesClose(code: number): boolean;
  /**
   * Is the half not to hear that the source has finished its side, or is gone? `isHalf`: a message is half passed on.
   */
  takesEnd(isHalf: boolean): boolean;
  /** The last of what was to be passed on has been, and the rest was taken. */
  onTaken(): void;
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
 * Stands between a wire and the half that reads it, for as long as somebody may want to stop that half between
 * messages. It passes the same bytes on in the same order, and when it is stopped it keeps what follows the boundary,
 * for whoever goes on with them.
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
  #drops = false;
  #ended = false;
  /** What the half has not been told, since it was taken. */
  #taken: 'end' | 'closed' | null = null;
  #error: Error | null = null;

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

  get bytesToHeader(): number | null {
    if (this.#through) return this.#half.bytesToHeader;
    // What is kept while it is stopped has not been scanned.
    if (this.#deaf || (this.#held && this.#kept.length > 0) || this.#scanner.heldBytes > 0) return null;
    return this.#scanner.payloadLeft;
  }

  get stays(): StayCause | null {
    // What is kept on a route that moves travels with its connection.
    const keeps = this.#options.watch === null && this.#kept.length > 0;
    return this.#held || this.#onHeld !== null || keeps ? 'moving' : null;
  }

  /** A message is half passed on. */
  get streaming(): boolean {
    return this.#streaming && !this.#scanner.atMessageBoundary;
  }

  /** A copy of the bytes that were read and not passed on. */
  get kept(): Uint8Array {
    const bytes = this.take();
    this.#keep(bytes);
    return bytes;
  }

  /** Bytes that were read and not passed on. */
  get keptBytes(): number {
    return this.#kept.length;
  }

  /**
   * Stops at the next boundary between messages and calls back, at once if it is there. Never calls when the source
   * closes first. With `drops`, what is left of a message that is on its way goes nowhere: whoever had the first part
   * of it is gone.
   */
  hold(onHeld: () => void, drops = false): void {
    if (this.#through || this.#deaf) return;
    this.#drops = drops;
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
    this.#drops = false;
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
    if (this.#takesEnd('end')) return;
    if (!this.#deaf) this.#passKept();
    this.#half.onEnd();
  }

  onClosed(error: Error | null): void {
    this.#error = error;
    if (this.#takesEnd('closed')) return;
    this.#deaf = true;
    this.take();
    this.#half.onClosed(error);
  }

  /** The half hears of the end after all. */
  giveBack(): void {
    const taken = this.#taken;
    this.#taken = null;
    if (taken === 'end') this.#half.onEnd();
    else if (taken === 'closed') this.#half.onClosed(this.#error);
  }

  #takesEnd(how: 'end' | 'closed'): boolean {
    const { watch } = this.#options;
    if (watch === null || !watch.takesEnd(this.#streaming && !this.#through)) return false;
    this.#taken = how;
    this.#deaf = true;
    watch.onTaken();
    return true;
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
    const passed = end < 0 ? chunk : chunk.subarray(0, end);
    if (this.#drops) this.#options.watch?.onHeard();
    else this.#forward(passed);
    if (end < 0) return;
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
        this.#options.watch.onTaken();
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
