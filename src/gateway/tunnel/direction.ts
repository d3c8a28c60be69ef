import type { StayCause } from '../../base/stay-cause.ts';
import { FrameScanner, type ScanRules } from '../../ws/scanner.ts';
import type { Half, HalfOwner, HalfState } from './half.ts';
import type { Lag } from './lag.ts';
import type { Wire } from './wire.ts';

export interface DirectionOptions {
  readonly owner: HalfOwner;
  readonly from: 'client' | 'server';
  readonly source: Wire;
  readonly target: Wire;
  readonly rules: ScanRules;
  /** Above this many bytes waiting for the target, the source is not read. */
  readonly bufferBytesMax: number;
}

interface Insertion {
  readonly bytes: Uint8Array;
  readonly at: 'frame' | 'message';
  readonly isClose: boolean;
}

const nothing: readonly Insertion[] = [];

/**
 * One half of a tunnel: bytes from the source to the target, unchanged and in order, with the edge's own frames put in
 * between frames and its own messages between messages.
 */
export class Direction implements Half {
  readonly borrows = true as const;
  readonly from: 'client' | 'server';
  readonly source: Wire;
  readonly target: Wire;
  open = true;
  sourceEnded = false;
  lag: Lag | null = null;

  readonly #owner: HalfOwner;
  #scanner: FrameScanner;
  readonly #bufferBytesMax: number;
  #opposite: Direction | null = null;
  #held: Buffer | null = null;
  #waiting: readonly Insertion[] = nothing;
  #waitingBytes = 0;
  #blocked = false;
  #throttled = false;

  constructor(options: DirectionOptions) {
    this.#owner = options.owner;
    this.from = options.from;
    this.source = options.source;
    this.target = options.target;
    this.#scanner = new FrameScanner(options.rules);
    this.#bufferBytesMax = options.bufferBytesMax;
  }

  /** The source's socket drains for the opposite direction, so both must know each other before either starts. */
  static pair(a: Direction, b: Direction): void {
    a.#opposite = b;
    b.#opposite = a;
  }

  get bytesAhead(): number {
    return this.#scanner.payloadLeft;
  }

  get bytesToHeader(): number | null {
    return this.#scanner.heldBytes > 0 ? null : this.#scanner.payloadLeft;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  get queuedBytes(): number {
    return this.target.queuedBytes + this.#waitingBytes;
  }

  get closeSeen(): boolean {
    return this.#scanner.closed;
  }

  get finished(): boolean {
    return this.#scanner.closed || this.#scanner.violation !== null || this.sourceEnded;
  }

  get atFrameBoundary(): boolean {
    return this.#scanner.atFrameBoundary;
  }

  get atMessageBoundary(): boolean {
    return this.#scanner.atMessageBoundary;
  }

  get insideFrame(): boolean {
    return !this.#scanner.atFrameBoundary;
  }

  get listening(): boolean {
    return !this.#blocked && !this.#throttled;
  }

  get tooBigBytes(): number | null {
    return this.#scanner.tooBigBytes;
  }

  insertControl(bytes: Uint8Array): boolean {
    return this.#insert({ bytes, at: 'frame', isClose: false }) !== 'full';
  }

  insertMessage(bytes: Uint8Array): 'sent' | 'queued' | 'full' {
    return this.#insert({ bytes, at: 'message', isClose: false });
  }

  insertClose(bytes: Uint8Array): void {
    if (!this.open) return;
    this.#waiting = nothing;
    this.#waitingBytes = 0;
    this.#insert({ bytes, at: 'frame', isClose: true });
  }

  throttle(on: boolean): void {
    if (this.#throttled === on) return;
    this.#throttled = on;
    this.#updateReading();
  }

  /**
   * For whoever reads the source in this half's place, to stop it between messages: where the source stands, and the
   * bytes of the next message that were held back, which are the other's to pass on.
   */
  handOver(): { readonly scanner: FrameScanner; readonly held: Buffer | null } {
    const held = this.#held;
    if (held === null || !this.#scanner.atMessageBoundary) return { scanner: this.#scanner.copy(), held: null };
    this.#held = null;
    this.#scanner = this.#scanner.fresh();
    return { scanner: this.#scanner.copy(), held };
  }

  snapshot(): HalfState | StayCause {
    if (!this.open || this.finished) return 'closing';
    if (this.#blocked) return 'behind';
    return { scanner: this.#scanner.snapshot(), waiting: this.#waiting.map(({ bytes, at }) => ({ bytes, at })) };
  }

  restore(state: HalfState): void {
    if (state.scanner !== null) {
      this.#scanner.restore(state.scanner);
      if (state.scanner.held.length > 0) this.#held = Buffer.from(state.scanner.held);
    }
    if (state.waiting.length === 0) return;
    this.#waiting = state.waiting.map(({ bytes, at }) => ({ bytes, at, isClose: false }));
    this.#waitingBytes = state.waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  onBytes(chunk: Buffer): void {
    const scanner = this.#scanner;
    scanner.scan(chunk);
    this.#owner.onTraffic(this, chunk.length, scanner);
    const simple =
      scanner.passable === chunk.length &&
      this.#held === null &&
      this.#waiting === nothing &&
      scanner.controls.length === 0;
    if (simple) {
      if (this.open) this.target.write(chunk);
    } else {
      this.#forwardInParts(chunk);
    }
    if (!this.#blocked && this.target.queuedBytes > this.#bufferBytesMax) this.#setBlocked(true);
  }

  onDrain(): void {
    const opposite = this.#opposite;
    if (opposite?.blocked) opposite.#setBlocked(false);
  }

  onEnd(): void {
    this.sourceEnded = true;
    this.#owner.onSourceEnd(this);
  }

  onClosed(error: Error | null): void {
    this.#held = null;
    this.sourceEnded = true;
    this.#owner.onSourceClosed(this, error);
  }

  #insert(insertion: Insertion): 'sent' | 'queued' | 'full' {
    if (!this.open) return 'full';
    const fits = insertion.isClose || this.queuedBytes + insertion.bytes.length <= this.#bufferBytesMax;
    if (!fits) return 'full';
    const atBoundary = insertion.at === 'frame' ? this.#scanner.atFrameBoundary : this.#scanner.atMessageBoundary;
    const overtakes = insertion.at === 'message' && this.#waiting.some((other) => other.at === 'message');
    if (atBoundary && !overtakes) {
      this.#writeInsertion(insertion);
      return 'sent';
    }
    this.#waiting = [...this.#waiting, insertion];
    this.#waitingBytes += insertion.bytes.length;
    return 'queued';
  }

  #writeInsertion(insertion: Insertion): void {
    this.target.write(insertion.bytes);
    if (!insertion.isClose) return;
    this.open = false;
    // What comes now is dropped, so that a reader who is behind need not hold up the source's own close frame.
    this.#updateReading();
    this.#owner.onCloseInserted(this);
  }

  #forwardInParts(chunk: Buffer): void {
    const { controls, passable, released, violation } = this.#scanner;
    const held = this.#held;
    this.#held = this.#stillHeld(chunk);

    this.target.cork();
    let at = 0;
    let first = 0;
    if (held !== null && released) {
      const owner = controls[0];
      const ownsHeld = owner !== undefined && owner.start < 0;
      if (ownsHeld && this.#owner.takesOut(this, owner)) {
        at = owner.end;
        first = 1;
      } else {
        this.#write(held);
      }
    }
    for (let i = first; i < controls.length; i++) {
      const frame = controls[i]!;
      if (frame.start < 0 || !this.#owner.takesOut(this, frame)) continue;
      this.#writeRange(chunk, at, frame.start);
      at = frame.end;
    }
    this.#writeRange(chunk, at, passable);
    this.target.uncork();

    const last = controls[controls.length - 1];
    if (last?.close) this.#owner.onCloseFrame(this, last);
    if (violation !== null) this.#owner.onViolation(this, violation);
  }

  /** The bytes of an incomplete header or control frame, kept apart from the chunk so that its memory can go. */
  #stillHeld(chunk: Buffer): Buffer | null {
    const scanner = this.#scanner;
    if (scanner.heldBytes === 0) return null;
    const rest = chunk.subarray(scanner.passable);
    return this.#held !== null && !scanner.released ? Buffer.concat([this.#held, rest]) : Buffer.from(rest);
  }

  /** Writes a range of the chunk, with what waits for a boundary put in where the boundary is. */
  #writeRange(chunk: Buffer, from: number, to: number): void {
    let at = from;
    for (const insertion of this.#waiting) {
      const boundary = insertion.at === 'frame' ? this.#scanner.firstFrameEnd : this.#scanner.firstMessageEnd;
      if (boundary < at || boundary > to) continue;
      this.#write(chunk.subarray(at, boundary));
      at = boundary;
      this.#waiting = this.#waiting.length === 1 ? nothing : this.#waiting.filter((other) => other !== insertion);
      this.#waitingBytes -= insertion.bytes.length;
      if (this.open) this.#writeInsertion(insertion);
    }
    this.#write(chunk.subarray(at, to));
  }

  #write(bytes: Uint8Array): void {
    if (this.open && bytes.length > 0) this.target.write(bytes);
  }

  #setBlocked(blocked: boolean): void {
    this.#blocked = blocked;
    this.#updateReading();
    this.#owner.onBlockedChange(this);
  }

  #updateReading(): void {
    if (this.open && (this.#blocked || this.#throttled)) this.source.pause();
    else this.source.resume();
  }
}
