import { Decoder, type DecoderEvent } from '../../ws/decoder.ts';
import type { Inflater } from '../../ws/deflate.ts';
import { type Opcode, opcodes } from '../../ws/opcode.ts';
import type { ControlFrame } from '../../ws/scanner.ts';
import type { Violation } from '../../ws/violation.ts';
import type { Traffic } from '../tunnel/half.ts';

/** What comes from one end of a connection in message mode, in order. */
export type Arrived =
  | { readonly kind: 'message'; readonly opcode: Opcode; readonly data: Uint8Array }
  | { readonly kind: 'control'; readonly frame: ControlFrame }
  | { readonly kind: 'close'; readonly frame: ControlFrame }
  | { readonly kind: 'violation'; readonly violation: Violation };

/** What one piece of the bytes amounted to. */
export interface Reading extends Traffic {
  readonly bytes: number;
  readonly arrived: readonly Arrived[];
}

export interface MessageReaderOptions {
  readonly from: 'client' | 'server';
  readonly messageBytesMax: number;
  readonly inflater: Inflater | null;
  readonly strict: boolean;
}

/**
 * A reading ends with a message, since nobody knows what the next one inflates to, or after so many frames: as many
 * pongs are written in one system call, and take less than a millisecond.
 */
const framesMax = 256;

/** Bytes of one end to its messages and control frames, no faster than they are asked for. */
export class MessageReader {
  unreadBytes = 0;
  readonly #decoder: Decoder;
  readonly #inflater: Inflater | null;
  readonly #unread: Buffer[] = [];
  /** Offset in the first of them. */
  #at = 0;

  constructor(options: MessageReaderOptions) {
    this.#decoder = new Decoder(options);
    this.#inflater = options.inflater;
  }

  /** Within the payload of a data frame. */
  get insideFrame(): boolean {
    return this.#decoder.inDataFrame;
  }

  /** In the middle of a message: what comes next belongs to it, or stands between its frames. */
  get insideMessage(): boolean {
    return this.#decoder.inMessage;
  }

  /** Of payload, before the next header; null while something is unread, or a header half read. */
  get bytesToHeader(): number | null {
    return this.unreadBytes > 0 || this.#decoder.inHeader ? null : this.#decoder.payloadLeft;
  }

  /** Memory that is held for what is not complete or not read yet. */
  get heldBytes(): number {
    return this.unreadBytes + this.#decoder.heldBytes;
  }

  /** Of a message that was too big, as far as its headers told. */
  get tooBigBytes(): number | null {
    return this.#decoder.tooBigBytes;
  }

  add(chunk: Buffer): void {
    this.#unread.push(chunk);
    this.unreadBytes += chunk.length;
  }

  /** Reads up to the end of the next message, or a few hundred frames. Must not be called when nothing is unread. */
  next(): Reading {
    const chunk = this.#unread[0]!;
    const decoder = this.#decoder;
    // What follows a close frame or a violation is dropped unread, as in a tunnel (RFC 6455, 5.5.1 and 7.1.7).
    if (decoder.closed || decoder.violation !== null) return { ...nothing, bytes: this.#taken(chunk.length) };

    const arrived: Arrived[] = [];
    const { dataFrames, controlFrames } = decoder;
    let hasData = decoder.inDataFrame;
    let messages = 0;
    const onEvent = (event: DecoderEvent) => {
      if (event.kind === 'text' || event.kind === 'binary') messages++;
      arrived.push(arrivedOf(event));
    };
    let at = this.#at;
    while (at < chunk.length && messages === 0 && !decoder.closed && decoder.violation === null) {
      if (decoder.dataFrames + decoder.controlFrames - dataFrames - controlFrames >= framesMax) break;
      at = decoder.step(chunk, at, onEvent);
    }
    if (decoder.violation !== null) arrived.push({ kind: 'violation', violation: decoder.violation });
    const frames = decoder.dataFrames - dataFrames;
    hasData ||= frames > 0;
    return {
      bytes: this.#taken(at),
      messages,
      dataFrames: frames,
      controlFrames: decoder.controlFrames - controlFrames,
      hasData,
      arrived,
    };
  }

  /** The source is gone: its context is of no use any more. */
  release(): void {
    this.#inflater?.release();
  }

  /** The first chunk has been read up to here; returns how many bytes that were. */
  #taken(at: number): number {
    const bytes = at - this.#at;
    this.unreadBytes -= bytes;
    if (at < this.#unread[0]!.length) this.#at = at;
    else {
      this.#unread.shift();
      this.#at = 0;
    }
    return bytes;
  }
}

const nothing = { messages: 0, dataFrames: 0, controlFrames: 0, hasData: false, arrived: [] } as const;

const controlFrame: ControlFrame = { opcode: 0, payload: new Uint8Array(0), start: 0, end: 0, close: null };

function arrivedOf(event: DecoderEvent): Arrived {
  switch (event.kind) {
    case 'text':
    case 'binary':
      return { kind: 'message', opcode: opcodes[event.kind], data: event.data };
    case 'ping':
    case 'pong':
      return { kind: 'control', frame: { ...controlFrame, opcode: opcodes[event.kind], payload: event.data } };
    case 'close': {
      const close = { code: event.code ?? 1005, reason: event.reason };
      return { kind: 'close', frame: { ...controlFrame, opcode: opcodes.close, close } };
    }
  }
}
