/** A dialled connection: what is sent, what is received, and how it ended. */
import { TLSSocket } from 'node:tls';
import { Decoder, type DecoderEvent } from '../../ws/decoder.ts';
import type { Deflater, Inflater } from '../../ws/deflate.ts';
import { encodeClose, encodeFrame } from '../../ws/frame.ts';
import { nextMask } from '../../ws/mask-source.ts';
import { type Opcode, opcodes } from '../../ws/opcode.ts';
import { type Violation, violations } from '../../ws/violation.ts';
import { tlsFacts } from '../dial/tls.ts';
import type { TlsFacts } from '../dial/tls-facts.ts';
import {
  type ClosePatience,
  defaultCloseMs,
  defaultMessageBytesMax,
  defaultSendBufferBytesMax,
  type Replies,
} from './options.ts';
import type { ClientWire, WireEnd } from './wire.ts';

export type ConnectionEvent = DecoderEvent;

/** `full`: sendBufferBytesMax wait already. `closing`: a close frame was sent, or the connection is over. */
export type ClientSendOutcome = 'sent' | 'full' | 'closing';

export interface ClientConnectionEnd {
  /** As a browser would see it: the code received, 1005 for a close frame without one, 1006 without a close frame. */
  readonly code: number;
  readonly reason: string;
  /** The close frame that came, and the one that was sent; null for none. */
  readonly received: { readonly code: number | null; readonly reason: string } | null;
  readonly sent: { readonly code: number | null } | null;
  readonly violation: Violation | null;
  readonly socket: WireEnd;
}

export interface ClientConnectionOptions {
  /** Largest message that is taken, in bytes. Default: 16 MiB, the largest that the contract cases use. */
  readonly messageBytesMax?: number;
  /** Most bytes that wait to be written before send refuses. Default: 64 MiB, four of the largest messages. */
  readonly sendBufferBytesMax?: number;
  readonly replies?: Partial<Replies>;
  readonly timeouts?: Partial<ClosePatience>;
  /** Called for every event while it is decoded: bytes in it are valid during the call. Must not throw. */
  readonly onEvent?: (connection: ClientConnection, event: ConnectionEvent) => void;
  /** Called once. Must not throw. */
  readonly onEnd?: (connection: ClientConnection, end: ClientConnectionEnd) => void;
}

export interface SendOptions {
  /** Default: text for a string, binary for bytes. */
  readonly kind?: 'text' | 'binary';
  /** Default: true from compressBytesMin on. Without permessage-deflate, nothing is compressed either way. */
  readonly compress?: boolean;
}

/** Below this, deflating takes time and saves no packet: a packet carries about 1400 bytes anyway. */
export const compressBytesMin = 1024;

export type DeflatePair = { readonly deflater: Deflater; readonly inflater: Inflater };

export class ClientConnection {
  readonly #wire: ClientWire;
  readonly #options: ClientConnectionOptions;
  readonly #decoder: Decoder;
  readonly #deflate: DeflatePair | null;
  #ended: ClientConnectionEnd | null = null;
  #received: ClientConnectionEnd['received'] = null;
  #sent: ClientConnectionEnd['sent'] = null;
  /** Runs only while the connection closes: an open connection has no timer. */
  #lingering: NodeJS.Timeout | null = null;
  #waiting: ((end: ClientConnectionEnd) => void)[] | null = null;

  /** Takes over a wire on which the handshake is done. Nothing is read before start(). */
  constructor(wire: ClientWire, options: ClientConnectionOptions, deflate: DeflatePair | null) {
    this.#wire = wire;
    this.#options = options;
    this.#deflate = deflate;
    this.#decoder = new Decoder({
      from: 'server',
      messageBytesMax: options.messageBytesMax ?? defaultMessageBytesMax,
      inflater: deflate?.inflater ?? null,
    });
  }

  start(): void {
    this.#wire.read({ data: (chunk) => this.#onData(chunk), end: (end) => this.#onEnd(end) });
  }

  /** Null while it is open. */
  get ended(): ClientConnectionEnd | null {
    return this.#ended;
  }

  get violation(): Violation | null {
    return this.#decoder.violation;
  }

  /** Bytes that wait to be written. */
  get unsentBytes(): number {
    return this.#wire.socket.writableLength;
  }

  /** Memory held for an unfinished message and for compression. */
  get heldBytes(): number {
    const deflate = this.#deflate;
    return this.#decoder.heldBytes + (deflate === null ? 0 : deflate.deflater.heldBytes + deflate.inflater.heldBytes);
  }

  /** The addresses of both ends, and byte counts, are here; whoever writes to it breaks the connection. */
  get socket(): ClientWire['socket'] {
    return this.#wire.socket;
  }

  tlsFacts(): TlsFacts | null {
    return this.#wire.socket instanceof TLSSocket ? tlsFacts(this.#wire.socket) : null;
  }

  send(data: string | Uint8Array, options: SendOptions = {}): ClientSendOutcome {
    const kind = options.kind ?? (typeof data === 'string' ? 'text' : 'binary');
    const payload = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    if (this.#sent !== null || this.#ended !== null) return 'closing';
    // Asked before deflating: a message that was deflated has changed the context, and must be sent.
    if (this.#isFull(payload.length)) return 'full';
    const compress = this.#deflate !== null && (options.compress ?? payload.length >= compressBytesMin);
    const bytes = encodeFrame({
      opcode: opcodes[kind],
      rsv1: compress,
      mask: nextMask(),
      payload: compress ? this.#deflate!.deflater.deflate(payload) : payload,
    });
    this.#wire.socket.write(bytes);
    return 'sent';
  }

  /** `data` has at most 125 bytes (RFC 6455, 5.5); more throws RangeError. */
  ping(data: Uint8Array = nothing): ClientSendOutcome {
    return this.#control(opcodes.ping, data);
  }

  pong(data: Uint8Array = nothing): ClientSendOutcome {
    return this.#control(opcodes.pong, data);
  }

  /** Bytes as they are, legal or not; after a close frame too. */
  write(bytes: Uint8Array): ClientSendOutcome {
    if (this.#ended !== null) return 'closing';
    if (this.#isFull(bytes.length)) return 'full';
    this.#wire.socket.write(bytes);
    return 'sent';
  }

  /**
   * Sends a close frame, unless one was sent already, and waits for the end; after closeMs the connection is cut.
   * Throws RangeError for a code that must not be sent.
   */
  close(request: { readonly code?: number | null; readonly reason?: string } = {}): Promise<ClientConnectionEnd> {
    this.#sendClose(request.code === undefined ? 1000 : request.code, request.reason ?? '');
    return this.whenEnded();
  }

  /** Cuts the connection without a word. */
  cut(): void {
    this.#wire.socket.destroy();
  }

  /** Cuts it with a reset, so that the other side sees ECONNRESET. */
  reset(): void {
    this.#wire.socket.resetAndDestroy();
  }

  /** Stops reading, so that the other side finds its buffers full. */
  pause(): void {
    this.#wire.socket.pause();
  }

  resume(): void {
    this.#wire.socket.resume();
  }

  whenEnded(): Promise<ClientConnectionEnd> {
    if (this.#ended !== null) return Promise.resolve(this.#ended);
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  #isFull(bytes: number): boolean {
    return this.unsentBytes + bytes > (this.#options.sendBufferBytesMax ?? defaultSendBufferBytesMax);
  }

  #control(opcode: Opcode, data: Uint8Array): ClientSendOutcome {
    if (data.length > 125) throw new RangeError(`a control frame carries 125 bytes at most, not ${data.length}`);
    if (this.#sent !== null || this.#ended !== null) return 'closing';
    return this.write(encodeFrame({ opcode, mask: nextMask(), payload: data }));
  }

  #sendClose(code: number | null, reason: string): void {
    if (this.#sent !== null || this.#ended !== null) return;
    const bytes = encodeClose({ code, reason, mask: nextMask() });
    this.#sent = { code };
    this.#wire.socket.write(bytes);
    this.#lingering = setTimeout(() => this.cut(), this.#options.timeouts?.closeMs ?? defaultCloseMs);
  }

  #onData(chunk: Buffer): void {
    // What comes after the first violation is read and dropped, so that the end of the connection is still seen.
    if (this.#decoder.violation !== null) return;
    const violation = this.#decoder.push(chunk, this.#onEvent);
    if (violation !== null && this.#options.replies?.close !== false)
      this.#sendClose(violations[violation].code, violations[violation].sentence);
  }

  #onEvent = (event: DecoderEvent): void => {
    if (event.kind === 'close') this.#received = { code: event.code, reason: event.reason };
    this.#options.onEvent?.(this, event);
    if (event.kind === 'ping' && this.#options.replies?.pong !== false) this.pong(event.data);
    if (event.kind === 'close' && this.#options.replies?.close !== false) this.#sendClose(event.code, '');
  };

  #onEnd(socket: WireEnd): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    this.#deflate?.deflater.release();
    this.#deflate?.inflater.release();
    const received = this.#received;
    this.#ended = {
      code: received === null ? 1006 : (received.code ?? 1005),
      reason: received?.reason ?? '',
      received,
      sent: this.#sent,
      violation: this.#decoder.violation,
      socket,
    };
    this.#options.onEnd?.(this, this.#ended);
    for (const resolve of this.#waiting ?? []) resolve(this.#ended);
    this.#waiting = null;
  }
}

const nothing = new Uint8Array(0);
