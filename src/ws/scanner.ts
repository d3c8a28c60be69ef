import { type ClosePayload, readClosePayload } from './close-payload.ts';
import { payloadLength, unitLength } from './frame-header.ts';
import { opcodes } from './opcode.ts';
import type { Violation } from './violation.ts';

/** What one direction of one connection may carry. Shared between connections: it does not change while they live. */
export interface ScanRules {
  /** True for frames from a client (RFC 6455, 5.1). */
  readonly masked: boolean;
  /** True when permessage-deflate was agreed on: RSV1 is then legal on the first frame of a message (RFC 7692, 6). */
  readonly compression: boolean;
  /** Largest message in bytes on the wire, over all its fragments. */
  readonly messageBytesMax: number;
  /** False lets lengths pass that are not written in their shortest form. Default: true. */
  readonly strict?: boolean;
}

/** A whole control frame. `start` and `end` are offsets in the chunk; a negative start lies in the bytes held before it. */
export interface ControlFrame {
  readonly opcode: number;
  /** Unmasked. */
  readonly payload: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Set for close frames; code 1005 when the frame carried none. */
  readonly close: ClosePayload | null;
}

/** What a scanner knows between two chunks: enough for another one to go on in its place. */
export interface ScannerState {
  readonly payloadLeft: number;
  readonly messageBytes: number;
  readonly inMessage: boolean;
  readonly frameIsFinal: boolean;
  /** Bytes that are held back, a copy of its own. */
  readonly held: Uint8Array;
}

const none: readonly ControlFrame[] = [];

/** A header of a data frame takes 14 bytes at most, a control frame 6 + 125: more than this is never held back. */
const unitBytesMax = 131;

/**
 * Walks the bytes of one direction in any chunking and knows where frames and messages begin and end, without
 * touching a payload of data (RFC 6455, 5.2). Results of the last `scan` stand in the fields, so that the hot path allocates nothing.
 *
 * The caller may forward `passable` bytes of the chunk, and holds the rest back until the next scan: a header or a
 * control frame that is not complete yet. So whoever forwards never stops inside a header, and can take out a control frame.
 */
export class FrameScanner {
  /** Bytes of the last chunk that may be forwarded; the held bytes from before go first once this is above 0 or `released`. */
  passable = 0;
  /** True when the bytes held before the last chunk are complete now. */
  released = false;
  /** Data frames and whole messages that ended in the last chunk. */
  dataFrames = 0;
  messages = 0;
  /** Offset in the last chunk behind the first frame (message) that ended there; -1 for none. */
  firstFrameEnd = -1;
  firstMessageEnd = -1;
  /** Offset in the last chunk behind the last place where nothing of a message was half carried; -1 for none. */
  boundaryEnd = -1;
  /** Control frames that ended in the last chunk. */
  controls: readonly ControlFrame[] = none;
  /** The first violation; nothing is scanned after it, and `passable` ends before the frame at fault. */
  violation: Violation | null = null;
  /** A close frame has passed: what follows is not forwarded (RFC 6455, 5.5.1). */
  closed = false;
  /** Of the message that was too big: what its headers add up to. */
  tooBigBytes: number | null = null;

  readonly #rules: ScanRules;
  #payloadLeft = 0;
  #messageBytes = 0;
  #inMessage = false;
  #frameIsFinal = true;
  #held: Uint8Array | null = null;
  #heldLength = 0;

  constructor(rules: ScanRules) {
    this.#rules = rules;
  }

  /** No frame is half forwarded: a control frame may be put in here. */
  get atFrameBoundary(): boolean {
    return this.#payloadLeft === 0;
  }

  /** No message is half forwarded: a message may be put in here. */
  get atMessageBoundary(): boolean {
    return this.#payloadLeft === 0 && !this.#inMessage;
  }

  /** Bytes of the current data frame that are still to come. */
  get payloadLeft(): number {
    return this.#payloadLeft;
  }

  /** Control frames that ended in the last chunk. */
  get controlFrames(): number {
    return this.controls.length;
  }

  /** Bytes of a data frame were in the last chunk. */
  get hasData(): boolean {
    return this.dataFrames > 0 || this.#payloadLeft > 0;
  }

  /** Bytes held back: at most 130, the largest control frame less a byte. */
  get heldBytes(): number {
    return this.#heldLength;
  }

  /** One for the same rules that has seen nothing: for bytes that begin between messages. */
  fresh(): FrameScanner {
    return new FrameScanner(this.#rules);
  }

  /** One that stands where this one stands, and goes on by itself. */
  copy(): FrameScanner {
    const copy = this.fresh();
    copy.violation = this.violation;
    copy.closed = this.closed;
    copy.restore(this.snapshot());
    return copy;
  }

  /** For a scanner that is to go on in this one's place; not after a violation or a close frame. */
  snapshot(): ScannerState {
    return {
      payloadLeft: this.#payloadLeft,
      messageBytes: this.#messageBytes,
      inMessage: this.#inMessage,
      frameIsFinal: this.#frameIsFinal,
      held: new Uint8Array(this.#held?.subarray(0, this.#heldLength) ?? []),
    };
  }

  /** Goes on where another one has stood, before anything is scanned. */
  restore(state: ScannerState): void {
    this.#payloadLeft = state.payloadLeft;
    this.#messageBytes = state.messageBytes;
    this.#inMessage = state.inMessage;
    this.#frameIsFinal = state.frameIsFinal;
    if (state.held.length > 0) this.#hold(state.held, 0);
  }

  scan(chunk: Uint8Array): void {
    this.dataFrames = 0;
    this.messages = 0;
    this.firstFrameEnd = -1;
    this.firstMessageEnd = -1;
    this.boundaryEnd = -1;
    this.controls = none;
    this.released = false;
    this.passable = 0;
    if (this.violation !== null || this.closed) return;

    const end = chunk.length;
    let at = 0;
    if (this.#heldLength > 0) {
      at = this.#continueHeld(chunk);
      if (at < 0) return;
    }
    while (at < end && !this.closed) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, end - at);
        this.#payloadLeft -= step;
        at += step;
        if (this.#payloadLeft === 0) this.#dataFrameEnded(at);
        continue;
      }
      const length = unitLength(chunk, at, end);
      if (length === 0 || at + length > end) {
        this.violation = this.#firstBytesViolation(chunk, at, end);
        if (this.violation === null) this.#hold(chunk, at);
        break;
      }
      if (!this.#readUnit(chunk, at, at, at + length)) break;
      at += length;
    }
    this.passable = at;
  }

  /** Takes as many bytes of the chunk as complete the held unit; returns the offset behind them, or -1 when there are too few or they are wrong. */
  #continueHeld(chunk: Uint8Array): number {
    const held = this.#held!;
    const before = this.#heldLength;
    let at = 0;
    for (;;) {
      const length = unitLength(held, 0, this.#heldLength);
      if (length > 0 && this.#heldLength === length) break;
      if (at === chunk.length) {
        this.violation = this.#firstBytesViolation(held, 0, this.#heldLength);
        return -1;
      }
      // A wrong first byte must be seen before a wrong length lets the unit grow.
      if (this.#heldLength === 2) {
        this.violation = this.#firstBytesViolation(held, 0, 2);
        if (this.violation !== null) return -1;
      }
      held[this.#heldLength++] = chunk[at++]!;
    }
    this.#heldLength = 0;
    this.#held = null;
    this.released = this.#readUnit(held, 0, -before, at);
    return this.released ? at : -1;
  }

  #hold(chunk: Uint8Array, at: number): void {
    this.#held = new Uint8Array(unitBytesMax);
    this.#held.set(chunk.subarray(at), 0);
    this.#heldLength = chunk.length - at;
  }

  /** What the first two bytes of a frame, or the first alone, give away already: the peer may never send the rest. */
  #firstBytesViolation(bytes: Uint8Array, at: number, end: number): Violation | null {
    const first = bytes[at]!;
    const opcode = first & 0x0f;
    const isControl = opcode >= 8;
    const rsv1Legal = this.#rules.compression && (opcode === opcodes.text || opcode === opcodes.binary);
    if ((first & 0x30) !== 0 || ((first & 0x40) !== 0 && !rsv1Legal)) return 'reserved-bits';
    if (isControl ? opcode > opcodes.pong : opcode > opcodes.binary) return 'reserved-opcode';
    if (isControl && first < 0x80) return 'control-fragmented';
    if (!isControl && this.#inMessage !== (opcode === opcodes.continuation)) {
      return this.#inMessage ? 'continuation-missing' : 'continuation-unexpected';
    }
    if (at + 1 === end) return null;
    const second = bytes[at + 1]!;
    if (second >= 0x80 !== this.#rules.masked) return this.#rules.masked ? 'client-unmasked' : 'server-masked';
    if (isControl && (second & 0x7f) > 125) return 'control-too-long';
    return null;
  }

  /** Reads the header of a data frame or a whole control frame, which stands complete at `at`; false on a violation. */
  #readUnit(bytes: Uint8Array, at: number, start: number, end: number): boolean {
    this.violation = this.#firstBytesViolation(bytes, at, at + 2) ?? this.#readChecked(bytes, at, start, end);
    return this.violation === null;
  }

  #readChecked(bytes: Uint8Array, at: number, start: number, end: number): Violation | null {
    const first = bytes[at]!;
    if ((first & 0x08) !== 0) return this.#readControl(bytes, at, start, end);

    const length = payloadLength(bytes, at, this.#rules.strict ?? true);
    if (typeof length === 'string') return length;
    this.#messageBytes = this.#inMessage ? this.#messageBytes + length : length;
    if (this.#messageBytes > this.#rules.messageBytesMax) {
      this.tooBigBytes = this.#messageBytes;
      return 'message-too-big';
    }
    this.#inMessage = true;
    this.#frameIsFinal = first >= 0x80;
    this.#payloadLeft = length;
    if (length === 0) this.#dataFrameEnded(end);
    return null;
  }

  #readControl(bytes: Uint8Array, at: number, start: number, end: number): Violation | null {
    const opcode = bytes[at]! & 0x0f;
    const headerLength = this.#rules.masked ? 6 : 2;
    const payloadAt = at + headerLength;
    // A copy, whatever the chunk is: a Buffer's own slice() would be a view, and unmasking it would change what is forwarded.
    const payload = new Uint8Array(bytes.subarray(payloadAt, payloadAt + (bytes[at + 1]! & 0x7f)));
    if (this.#rules.masked) {
      for (let i = 0; i < payload.length; i++) payload[i]! ^= bytes[at + 2 + (i & 3)]!;
    }
    let close: ClosePayload | null = null;
    if (opcode === opcodes.close) {
      const read = readClosePayload(payload);
      if (typeof read === 'string') return read;
      close = read;
      this.closed = true;
    }
    if (this.firstFrameEnd < 0) this.firstFrameEnd = end;
    if (!this.#inMessage) this.boundaryEnd = end;
    const frame = { opcode, payload, start, end, close };
    if (this.controls === none) this.controls = [frame];
    else (this.controls as ControlFrame[]).push(frame);
    return null;
  }

  #dataFrameEnded(at: number): void {
    this.dataFrames++;
    if (this.firstFrameEnd < 0) this.firstFrameEnd = at;
    if (!this.#frameIsFinal) return;
    this.#inMessage = false;
    this.messages++;
    this.boundaryEnd = at;
    if (this.firstMessageEnd < 0) this.firstMessageEnd = at;
  }
}
