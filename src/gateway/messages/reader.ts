import { Decoder, type DecoderEvent } from '../../ws/decoder.ts';
import type { Inflater } from '../../ws/deflate.ts';
import { type Opcode, opcodes } from '../../ws/opcode.ts';
import type { ControlFrame } from '../../ws/scanner.ts';
import type { Violation } from '../../ws/violation.ts';

/** What comes from one end of a connection in message mode, in order. */
export type Arrived =
  | { readonly kind: 'message'; readonly opcode: Opcode; readonly data: Uint8Array }
  | { readonly kind: 'control'; readonly frame: ControlFrame }
  | { readonly kind: 'close'; readonly frame: ControlFrame }
  | { readonly kind: 'violation'; readonly violation: Violation };

/** What one piece of the bytes amounted to. */
export interface Reading {
  readonly bytes: number;
  readonly messages: number;
  /** False for control frames only. */
  readonly hasData: boolean;
  readonly arrived: readonly Arrived[];
}

/**
 * Bytes of a peer that compresses are read in pieces of this size: deflate makes 1030 bytes of one at the most, so that one piece
 * becomes 4 MB of messages before anybody looks at the buffer again.
 */
const pieceBytes = 4096;

/** Bytes of one end to its messages and control frames, no faster than they are asked for. */
export class MessageReader {
  unreadBytes = 0;
  readonly #decoder: Decoder;
  readonly #inflater: Inflater | null;
  readonly #unread: Buffer[] = [];

  constructor(options: {
    readonly from: 'client' | 'server';
    readonly messageBytesMax: number;
    readonly inflater: Inflater | null;
  }) {
    this.#decoder = new Decoder(options);
    this.#inflater = options.inflater;
  }

  get insideFrame(): boolean {
    return this.#decoder.inDataFrame;
  }

  add(chunk: Buffer): void {
    this.#unread.push(chunk);
    this.unreadBytes += chunk.length;
  }

  /** Reads the next piece; null when there is none. */
  next(): Reading | null {
    const piece = this.#takePiece();
    if (piece === null) return null;
    const decoder = this.#decoder;
    const arrived: Arrived[] = [];
    let messages = 0;
    // What follows a close frame or a violation is dropped unread, as in a tunnel (RFC 6455, 5.5.1 and 7.1.7).
    if (decoder.closed || decoder.violation !== null) return { bytes: piece.length, messages, hasData: false, arrived };

    const framesBefore = decoder.dataFrames;
    const wasInside = decoder.inDataFrame;
    const violation = decoder.push(piece, (event) => {
      if (event.kind === 'text' || event.kind === 'binary') messages++;
      arrived.push(arrivedOf(event));
    });
    if (violation !== null && violation !== 'after-close') arrived.push({ kind: 'violation', violation });
    const hasData = wasInside || decoder.inDataFrame || decoder.dataFrames > framesBefore;
    return { bytes: piece.length, messages, hasData, arrived };
  }

  /** The source is gone: its context is of no use any more. */
  release(): void {
    this.#inflater?.release();
  }

  #takePiece(): Buffer | null {
    const chunk = this.#unread[0];
    if (chunk === undefined) return null;
    const piece = this.#inflater === null ? chunk : chunk.subarray(0, pieceBytes);
    if (piece.length === chunk.length) this.#unread.shift();
    else this.#unread[0] = chunk.subarray(piece.length);
    this.unreadBytes -= piece.length;
    return piece;
  }
}

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
