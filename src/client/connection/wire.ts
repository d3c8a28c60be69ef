/** A socket whose reader can be exchanged between two events without losing a byte or an error. */
import type { Socket } from 'node:net';
import { codeOf } from '../dial/limit.ts';

export interface WireReader {
  data(chunk: Buffer): void;
  /** Called once, last. */
  end(end: WireEnd): void;
}

export type WireEnd =
  /** The other side ended its sending. */
  | { readonly how: 'fin' }
  /** The socket broke: ECONNRESET, EPIPE, ETIMEDOUT … */
  | { readonly how: 'error'; readonly code: string }
  /** This side cut the connection. */
  | { readonly how: 'cut' };

export class ClientWire {
  readonly socket: Socket;
  ended: WireEnd | null = null;
  #reader: WireReader | null = null;
  #unread: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.pause();
    socket.on('data', this.#onData);
    socket.on('end', this.#onFin);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    socket.pause();
  }

  /** From now on `reader` gets what comes, beginning with what nobody has read yet. */
  read(reader: WireReader): void {
    this.#reader = reader;
    while (this.#unread.length > 0 && this.#reader === reader) reader.data(this.#unread.shift()!);
    if (this.#reader !== reader) return;
    if (this.ended !== null) reader.end(this.ended);
    else this.socket.resume();
  }

  /** Stops reading; `rest` is what the reader did not use, and is read first by the next one. */
  detach(rest?: Buffer): void {
    this.#reader = null;
    if (rest !== undefined && rest.length > 0) this.#unread.unshift(rest);
    this.socket.pause();
  }

  /**
   * Gives the socket away, to be wrapped in TLS: takes every listener back. False when bytes were read that nobody
   * used.
   */
  release(): boolean {
    this.socket.off('data', this.#onData);
    this.socket.off('end', this.#onFin);
    this.socket.off('error', this.#onError);
    this.socket.off('close', this.#onClose);
    return this.#unread.length === 0;
  }

  #onData = (chunk: Buffer): void => {
    if (this.#reader === null) this.#unread.push(chunk);
    else this.#reader.data(chunk);
  };

  #onFin = (): void => {
    this.#finish({ how: 'fin' });
    // What still waits to be written would keep the socket for as long as the other side does not read.
    if (this.socket.writableLength > 0) this.socket.destroy();
  };

  #onError = (error: Error): void => {
    this.#finish({ how: 'error', code: codeOf(error) });
  };

  #onClose = (): void => {
    this.#finish({ how: 'cut' });
  };

  #finish(end: WireEnd): void {
    if (this.ended !== null) return;
    this.ended = end;
    this.#reader?.end(end);
  }
}
