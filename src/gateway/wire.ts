import type { Socket } from 'node:net';

/** What happens on one socket of a connection. */
export interface WireListener {
  /** Bytes in order. The wire does not touch them again: they may be kept, or written elsewhere. */
  onBytes(chunk: Buffer): void;
  /** Everything that was written has left for the kernel, after `queuedBytes` had been above the socket's mark. */
  onDrain(): void;
  /** The peer has finished its side (FIN). */
  onEnd(): void;
  /** The socket is gone; nothing follows. */
  onClosed(error: Error | null): void;
}

const wireOf = Symbol('wire');
type WiredSocket = Socket & { [wireOf]: Wire };

/**
 * One socket as the tunnel sees it. The handlers on the socket are shared by all wires, so that a connection
 * costs no closures.
 */
export class Wire {
  readonly #socket: WiredSocket;
  #listener: WireListener | null = null;
  #error: Error | null = null;
  #closed = false;
  #finSent = false;

  /** The socket must have no data, end, close or drain listeners of others. */
  constructor(socket: Socket) {
    this.#socket = socket as WiredSocket;
    this.#socket[wireOf] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that were written and have not reached the kernel. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Starts reading. `head` are bytes that were read already and come first. */
  start(listener: WireListener, head: Buffer | null): void {
    this.#listener = listener;
    if (this.#closed) {
      listener.onClosed(this.#error);
      return;
    }
    this.#socket.on('end', onEnd);
    this.#socket.on('drain', onDrain);
    this.#socket.on('data', onData);
    // Resuming takes effect in the next turn, so the head comes first, and may pause again.
    this.#socket.resume();
    if (head !== null && head.length > 0) listener.onBytes(head);
  }

  write(bytes: Uint8Array): void {
    if (!this.#closed && !this.#finSent) this.#socket.write(bytes);
  }

  /** Gathers the writes until `uncork`, so that they leave in one system call. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Finishes our side once everything written has left. */
  end(): void {
    if (this.#closed || this.#finSent) return;
    this.#finSent = true;
    this.#socket.end();
    // What still comes in must be read, or the kernel answers our close with a reset that eats what we sent last.
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** For the shared handlers below. */
  take(event: 'data' | 'drain' | 'end' | 'close', chunk: Buffer | null): void {
    const listener = this.#listener;
    if (event === 'data') listener?.onBytes(chunk!);
    else if (event === 'drain') listener?.onDrain();
    else if (event === 'end') listener?.onEnd();
    else {
      this.#closed = true;
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
