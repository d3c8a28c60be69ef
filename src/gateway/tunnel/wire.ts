import type { Socket } from 'node:net';
import { type DirectReader, readDirectly } from './direct-read.ts';
import { canWriteDirectly, type DirectWriter, writeDirectly } from './direct-write.ts';
import { giveScratch, keep, scratchCopy } from './lent-memory.ts';
import type { SocketsWay } from './sockets-way.ts';

/** What happens on one socket of a connection. */
export interface WireListener {
  /** Bytes in order. They may be kept, unless the listener borrows. */
  onBytes(chunk: Buffer): void;
  /** Set by a listener that is done with the bytes when `onBytes` returns, or has written them to a wire: then they need not be copied. */
  readonly borrows?: true;
  /** For a listener that borrows: bytes that are known to follow, and that it will pass on whatever they are. */
  readonly bytesAhead?: number;
  /** Everything that was written has left for the kernel, after `queuedBytes` had been above the socket's mark. */
  onDrain(): void;
  /** The peer has finished its side (FIN). */
  onEnd(): void;
  /** The socket is gone; nothing follows. */
  onClosed(error: Error | null): void;
}

/** What waits for the kernel to take it. */
export interface Backlog {
  readonly queuedBytes: number;
  /** The part that has been handed to the system, by what of it is left. */
  readonly leavingBytes: number;
}

const wireOf = Symbol('wire');
type WiredSocket = Socket & { [wireOf]: Wire };

/**
 * One socket as the tunnel sees it. The handlers on the socket are shared by all wires, so that a connection
 * costs no closures.
 */
export class Wire implements DirectReader, DirectWriter {
  readonly #socket: WiredSocket;
  readonly #way: SocketsWay;
  #listener: WireListener | null = null;
  #error: Error | null = null;
  #closed = false;
  #paused = false;
  #finSent = false;
  #direct = false;
  #corked = false;
  /** Bytes of a direct write that the kernel has not taken yet; what comes after them goes through the stream. */
  #behindBytes = 0;

  /** The socket must have no data, end, close or drain listeners of others. */
  constructor(socket: Socket, way: SocketsWay) {
    this.#socket = socket as WiredSocket;
    this.#way = way;
    this.#socket[wireOf] = this;
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether it goes around the stream, both ways. Known once it is started. */
  get direct(): boolean {
    return this.#direct;
  }

  /** Bytes that were written and have not reached the kernel. */
  get queuedBytes(): number {
    return this.#socket.writableLength + this.#behindBytes;
  }

  get backlog(): Backlog {
    const handle = (this.#socket as unknown as { readonly _handle: { readonly writeQueueSize?: number } | null })
      ._handle;
    return { queuedBytes: this.queuedBytes, leavingBytes: handle?.writeQueueSize ?? 0 };
  }

  /** Starts reading. `head` are bytes that were read already and come first. */
  start(listener: WireListener, head: Buffer | null): void {
    this.#listener = listener;
    if (this.#closed) {
      listener.onClosed(this.#error);
      return;
    }
    if (head !== null && head.length > 0) listener.onBytes(head);
    const direct = this.#way === 'direct' && listener.borrows === true && readDirectly(this.#socket, this);
    this.#direct = direct && canWriteDirectly(this.#socket);
    this.#socket.on('end', onEnd);
    this.#socket.on('drain', onDrain);
    if (!direct) this.#socket.on('data', onData);
    if (this.#paused) this.#socket.pause();
    else this.#socket.resume();
  }

  get bytesAhead(): number {
    return this.#listener?.bytesAhead ?? 0;
  }

  onRead(chunk: Buffer): void {
    this.#listener?.onBytes(chunk);
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#finSent) return;
    const queueEmpty = this.queuedBytes === 0;
    if (queueEmpty && this.#direct && !this.#corked && this.#writeDirectly(bytes)) return;
    this.#socket.write(keep(bytes, queueEmpty));
  }

  /** Gathers the writes until `uncork`, so that they leave in one system call. */
  cork(): void {
    this.#corked = true;
    this.#socket.cork();
  }

  uncork(): void {
    this.#corked = false;
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

  /** Finishes our side once everything written has left. */
  end(): void {
    if (this.#closed || this.#finSent) return;
    this.#finSent = true;
    this.#socket.end();
    // What still comes in must be read, or the kernel answers our close with a reset that eats what we sent last.
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
    else if (event === 'end') listener?.onEnd();
    else {
      this.#closed = true;
      listener?.onClosed(this.#error);
    }
  }

  takeError(error: Error): void {
    this.#error = error;
  }

  /** False when it has to go through the stream. */
  #writeDirectly(bytes: Uint8Array): boolean {
    try {
      const copy = scratchCopy(bytes);
      const behind = writeDirectly(this.#socket, copy, this);
      if (behind === null) return false;
      if (behind > 0) giveScratch(copy);
      this.#behindBytes += behind;
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
    return true;
  }

  /** A direct write that had not left at once has left, or never will. */
  onWritten(behind: number, error: Error | null): void {
    this.#behindBytes -= behind;
    if (error !== null) this.#socket.destroy(error);
    // The stream tells of what it had to keep meanwhile.
    else if (behind > 0 && !this.#socket.writableNeedDrain) this.#listener?.onDrain();
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
