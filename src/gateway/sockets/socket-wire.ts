import type { Socket } from 'node:net';
import type { Backlog, Wire, WireListener } from '../tunnel/wire.ts';
import { keep } from './lent-memory.ts';

const wireOf = Symbol('wire');
type WiredSocket = Socket & { [wireOf]: SocketWire };

/**
 * A wire over a public socket of Node's: plain, TLS, or of a pipe. The handlers on the socket are shared by all of them, so that a
 * connection costs no closures.
 */
export class SocketWire implements Wire {
  closed = false;
  readonly #socket: WiredSocket;
  #listener: WireListener | null = null;
  #error: Error | null = null;
  #started = false;
  #ended = false;
  #paused = false;
  #finSent = false;

  /** The socket must have no data, end, close or drain listeners of others. */
  constructor(socket: Socket) {
    this.#socket = socket as WiredSocket;
    this.#socket[wireOf] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get backlog(): Backlog {
    const handle = (this.#socket as unknown as { readonly _handle?: { readonly writeQueueSize?: number } | null })
      ._handle;
    return { queuedBytes: this.queuedBytes, leavingBytes: handle?.writeQueueSize ?? 0 };
  }

  start(listener: WireListener, head: Buffer | null): void {
    this.#listener = listener;
    if (this.closed) {
      listener.onClosed(this.#error);
      return;
    }
    if (head !== null && head.length > 0) listener.onBytes(head);
    if (!this.#started) {
      this.#started = true;
      this.#socket.on('end', onEnd);
      this.#socket.on('drain', onDrain);
      this.#socket.on('data', onData);
    } else if (this.#ended) listener.onEnd();
    if (this.#paused) this.#socket.pause();
    else this.#socket.resume();
  }

  write(bytes: Uint8Array): void {
    if (!this.closed && !this.#finSent) this.#socket.write(keep(bytes));
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  end(): void {
    if (this.closed || this.#finSent) return;
    this.#finSent = true;
    this.#socket.end();
    this.#socket.resume();
  }

  destroy(error?: Error): void {
    this.#socket.destroy(error);
  }

  /** For the shared handlers below. */
  take(event: 'data' | 'drain' | 'end' | 'close', chunk: Buffer | null): void {
    const listener = this.#listener;
    if (event === 'data') listener?.onBytes(chunk!);
    else if (event === 'drain') listener?.onDrain();
    else if (event === 'end') {
      this.#ended = true;
      listener?.onEnd();
    } else {
      this.closed = true;
      listener?.onClosed(this.#error);
    }
  }

  takeError(error: Error): void {
    this.#error = error;
  }
}

function onData(this: Socket, chunk: Buffer): void {
  (this as WiredSocket)[wireOf].take('data', chunk);
}

function onDrain(this: Socket): void {
  (this as WiredSocket)[wireOf].take('drain', null);
}

function onEnd(this: Socket): void {
  (this as WiredSocket)[wireOf].take('end', null);
}

function onClose(this: Socket): void {
  (this as WiredSocket)[wireOf].take('close', null);
}

function onError(this: Socket, error: Error): void {
  (this as WiredSocket)[wireOf].takeError(error);
}
