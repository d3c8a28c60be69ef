/**
 * The receiving side of the full codec, for the parts that speak rather than relay: bytes in any chunking become
 * messages, pings, pongs and closes (RFC 6455, 5 to 8). Its judgement on frames is the scanner's; beyond that it
 * unmasks, inflates and checks text.
 */
import { ByteStore } from './byte-store.ts';
import { readClosePayload } from './close-payload.ts';
import type { Inflater } from './deflate.ts';
import { headerBytesMax, headerLength, payloadLength } from './frame-header.ts';
import { applyMask } from './mask.ts';
import { opcodes } from './opcode.ts';
import { checkUtf8, isUtf8, utf8Invalid, utf8Start } from './utf8.ts';
import type { Violation } from './violation.ts';

export interface DecoderOptions {
  /** Whose frames these are: a client's have to be masked, a server's must not be. */
  readonly from: 'client' | 'server';
  /** Largest message in bytes, on the wire and inflated. Control frames have their own limit of 125. */
  readonly messageBytesMax: number;
  /** What inflates, when permessage-deflate was agreed on; null otherwise. */
  readonly inflater: Inflater | null;
  /** False lets lengths pass that are not written in their shortest form. Default: true. */
  readonly strict?: boolean;
}

/** `data` may share memory with the chunk that was pushed: whoever keeps it beyond the call takes a copy. */
export type DecoderEvent =
  | {
      /** The bytes of a text are valid UTF-8; textOf (frame.ts) makes the string. */
      readonly kind: 'text' | 'binary';
      readonly data: Uint8Array;
      readonly compressed: boolean;
      /** Payload bytes as they came, and the number of frames they came in. */
      readonly wireBytes: number;
      readonly frames: number;
    }
  | { readonly kind: 'ping' | 'pong'; readonly data: Uint8Array }
  /** `code` is null when the frame carried none. */
  | { readonly kind: 'close'; readonly code: number | null; readonly reason: string };

export class Decoder {
  /** The first violation; nothing is read after it. */
  violation: Violation | null = null;
  /** A close frame has been read. Any byte after it is the violation `after-close`. */
  closed = false;
  /** Frames that have begun: data, and control. */
  dataFrames = 0;
  controlFrames = 0;
  /**
   * Of the message that was too big: what its headers add up to; null when that was allowed, and inflating it showed
   * more.
   */
  tooBigBytes: number | null = null;

  readonly #options: DecoderOptions;
  #head: Uint8Array | null = null;
  #headLength = 0;

  /** The current frame. */
  #opcode = 0;
  #final = false;
  #left = 0;
  #inFrame = false;
  /** The current frame's mask; null for frames of a server. */
  readonly #mask: Uint8Array | null;
  #phase = 0;

  /** The current message: its opcode, or 0 between messages. */
  #messageOpcode = 0;
  #compressed = false;
  #wireBytes = 0;
  #frames = 0;
  #utf8 = utf8Start;
  readonly #message = new ByteStore();
  readonly #control = new ByteStore();

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#mask = options.from === 'client' ? new Uint8Array(4) : null;
  }

  /** Memory held for what is not complete yet, in bytes: at most twice messageBytesMax, plus a few hundred. */
  get heldBytes(): number {
    return this.#message.heldBytes + this.#control.heldBytes + this.#headLength;
  }

  /** A message has begun and is not complete. */
  get inMessage(): boolean {
    return this.#messageOpcode !== 0;
  }

  /** Bytes of the current frame's payload that are still to come. */
  get payloadLeft(): number {
    return this.#inFrame ? this.#left : 0;
  }

  /** A header is half read. */
  get inHeader(): boolean {
    return this.#headLength > 0;
  }

  /** Within the payload of a data frame. */
  get inDataFrame(): boolean {
    return this.#inFrame && this.#opcode < 8;
  }

  /**
   * Reads the chunk, which is not changed, and calls `onEvent` for whatever it completes. Returns the violation, if
   * there is one.
   */
  push(chunk: Uint8Array, onEvent: (event: DecoderEvent) => void): Violation | null {
    let at = 0;
    while (at < chunk.length && this.violation === null) at = this.step(chunk, at, onEvent);
    return this.violation;
  }

  /**
   * For whoever reads no faster than it can use what comes: reads one header from `at` on, or what the chunk has of one
   * payload, and returns the offset behind it. Must not be called at the end of the chunk, nor after a violation.
   */
  step(chunk: Uint8Array, at: number, onEvent: (event: DecoderEvent) => void): number {
    if (this.closed) {
      this.violation = 'after-close';
      return at;
    }
    if (!this.#inFrame) return this.#readHead(chunk, at, onEvent);
    const taken = Math.min(this.#left, chunk.length - at);
    this.#left -= taken;
    this.#take(chunk.subarray(at, at + taken), onEvent);
    return at + taken;
  }

  /**
   * Reads the header that begins at `at`, or goes on with the one that began in an earlier chunk. Returns the offset
   * behind it.
   */
  #readHead(chunk: Uint8Array, at: number, onEvent: (event: DecoderEvent) => void): number {
    if (this.#headLength === 0) {
      const length = headLength(chunk, at, chunk.length);
      if (length > 0 && at + length <= chunk.length) {
        this.#beginFrame(chunk, at, length, onEvent);
        return at + length;
      }
    }
    this.#head ??= new Uint8Array(headerBytesMax);
    let next = at;
    while (next < chunk.length) {
      this.#head[this.#headLength++] = chunk[next++]!;
      // What the first two bytes give away is said at once: the peer may never send the rest.
      if (this.#headLength <= 2) this.violation = this.#firstBytesViolation(this.#head, 0, this.#headLength);
      if (this.violation !== null) break;
      const length = headLength(this.#head, 0, this.#headLength);
      if (length === this.#headLength) {
        const head = this.#head;
        this.#headLength = 0;
        this.#head = null;
        this.#beginFrame(head, 0, length, onEvent);
        break;
      }
    }
    return next;
  }

  #firstBytesViolation(bytes: Uint8Array, at: number, count: number): Violation | null {
    const first = bytes[at]!;
    const opcode = first & 0x0f;
    const isControl = opcode >= 8;
    const rsv1Legal = this.#options.inflater !== null && (opcode === opcodes.text || opcode === opcodes.binary);
    if ((first & 0x30) !== 0 || ((first & 0x40) !== 0 && !rsv1Legal)) return 'reserved-bits';
    if (isControl ? opcode > opcodes.pong : opcode > opcodes.binary) return 'reserved-opcode';
    if (isControl && first < 0x80) return 'control-fragmented';
    const inMessage = this.#messageOpcode !== 0;
    if (!isControl && inMessage !== (opcode === opcodes.continuation))
      return inMessage ? 'continuation-missing' : 'continuation-unexpected';
    if (count === 1) return null;
    const second = bytes[at + 1]!;
    const masked = second >= 0x80;
    if (masked !== (this.#options.from === 'client')) return masked ? 'server-masked' : 'client-unmasked';
    return isControl && (second & 0x7f) > 125 ? 'control-too-long' : null;
  }

  #beginFrame(bytes: Uint8Array, at: number, length: number, onEvent: (event: DecoderEvent) => void): void {
    const payload = payloadLength(bytes, at, this.#options.strict ?? true);
    this.violation = this.#firstBytesViolation(bytes, at, 2) ?? (typeof payload === 'string' ? payload : null);
    if (this.violation !== null || typeof payload === 'string') return;
    this.#opcode = bytes[at]! & 0x0f;
    this.#final = bytes[at]! >= 0x80;
    if (this.#opcode < 8) {
      if (this.#opcode !== opcodes.continuation) this.#beginMessage(bytes[at]!);
      this.#frames++;
      this.dataFrames++;
      this.#wireBytes += payload;
      if (this.#wireBytes > this.#options.messageBytesMax) {
        this.violation = 'message-too-big';
        this.tooBigBytes = this.#wireBytes;
        return;
      }
    } else this.controlFrames++;
    this.#left = payload;
    this.#inFrame = true;
    // Copied: the frame may outlive the chunk's memory.
    this.#mask?.set(bytes.subarray(at + length - 4, at + length));
    this.#phase = 0;
    if (payload === 0) this.#take(empty, onEvent);
  }

  #beginMessage(first: number): void {
    this.#messageOpcode = this.#opcode;
    this.#compressed = (first & 0x40) !== 0;
    this.#wireBytes = 0;
    this.#frames = 0;
    this.#utf8 = utf8Start;
  }

  /** Takes a piece of the current frame's payload, whose end it is when nothing is left. */
  #take(piece: Uint8Array, onEvent: (event: DecoderEvent) => void): void {
    const isControl = this.#opcode >= 8;
    const store = isControl ? this.#control : this.#message;
    const ends = this.#left === 0;
    if (ends) this.#inFrame = false;
    // The usual message: whole in its chunk, one frame, unmasked. It is handed on where it lies.
    const whole = ends && this.#mask === null && store.length === 0 && (isControl || this.#final);
    const bytes = whole ? piece : store.add(piece, this.#expected(isControl));
    if (this.#mask !== null) this.#phase = applyMask(bytes, this.#mask, this.#phase);
    if (!isControl && this.#messageOpcode === opcodes.text && !this.#compressed) {
      this.#utf8 = checkUtf8(this.#utf8, bytes);
      if (this.#utf8 === utf8Invalid) this.violation = 'text-utf8';
    }
    if (!ends || this.violation !== null) return;
    if (isControl) this.#endControl(whole ? piece : store.take(), onEvent);
    else if (this.#final) this.#endMessage(whole ? piece : store.take(), onEvent);
  }

  /**
   * How much the store may have to hold in the end. Only the last frame of a message tells; before it, memory grows by
   * doubling.
   */
  #expected(isControl: boolean): number {
    if (isControl) return 125;
    return this.#final ? this.#wireBytes : this.#options.messageBytesMax;
  }

  #endControl(data: Uint8Array, onEvent: (event: DecoderEvent) => void): void {
    if (this.#opcode !== opcodes.close) {
      onEvent({ kind: this.#opcode === opcodes.ping ? 'ping' : 'pong', data });
      return;
    }
    const close = readClosePayload(data);
    if (typeof close === 'string') {
      this.violation = close;
      return;
    }
    this.closed = true;
    onEvent({ kind: 'close', code: close.code === 1005 ? null : close.code, reason: close.reason });
  }

  #endMessage(payload: Uint8Array, onEvent: (event: DecoderEvent) => void): void {
    const isText = this.#messageOpcode === opcodes.text;
    this.#messageOpcode = 0;
    let data = payload;
    if (this.#compressed) {
      const inflated = this.#options.inflater!.inflate(payload);
      if (!inflated.ok) {
        this.violation = inflated.violation;
        return;
      }
      data = inflated.data;
    }
    const valid = !isText || (this.#compressed ? isUtf8(data) : this.#utf8 === utf8Start);
    if (!valid) {
      this.violation = 'text-utf8';
      return;
    }
    const { compressed, wireBytes, frames } = {
      compressed: this.#compressed,
      wireBytes: this.#wireBytes,
      frames: this.#frames,
    };
    onEvent({ kind: isText ? 'text' : 'binary', data, compressed, wireBytes, frames });
  }
}

const empty = new Uint8Array(0);

/** Length of the header that begins at `at`; 0 when the bytes do not tell yet. */
function headLength(bytes: Uint8Array, at: number, end: number): number {
  return end - at < 2 ? 0 : headerLength(bytes[at + 1]!);
}
