import type { Socket } from 'node:net';
import type { StayCause } from '../../base/stay-cause.ts';
import { leavingBytesOf, readOn, type StoppedSocket, stopReading } from '../inside/handles.ts';
import type { Backlog, FrozenSocket, Wire, WireListener } from '../tunnel/wire.ts';
import { keep } from './lent-memory.ts';
import { restForATurn, turnBytes } from './rest.ts';

const wireOf = Symbol('wire');
type WiredSocket = Socket & { [wireOf]: SocketWire };

/**
 * A wire over a public socket of Node's: plain, TLS, or of a pipe. The handlers on the socket are shared by all of
 * them, so that a connection costs no closures.
 */
export class SocketWire implements Wire {
  closed = false;
  listener: WireListener | null = null;
  readonly #socket: WiredSocket;
  #error: Error | null = null;
  #started = false;
  #ended = false;
  #paused = false;
  /** It has had its share of this turn of the event loop. */
  #resting = false;
  /** Read since it rested last: TLS gives what was read in many pieces. */
  #readBytes = 0;
  #finSent = false;
  #stopped: StoppedSocket | null = null;

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
    return { queuedBytes: this.queuedBytes, leavingBytes: leavingBytesOf(this.#socket) };
  }

  start(listener: WireListener, head: Buffer | null): void {
    this.listener = listener;
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
    if (this.#stopped !== null) return;
    if (this.#paused || this.#resting) this.#socket.pause();
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
    this.#flow();
  }

  /** The turn is over. */
  rested(): void {
    this.#resting = false;
    if (!this.#paused && !this.closed) this.#flow();
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

  freeze(): FrozenSocket | StayCause {
    const socket = this.#socket;
    if ('encrypted' in socket) return 'tls';
    if (this.closed || socket.destroyed || this.#finSent || this.#ended) return 'closing';
    if (socket.writableLength > 0) return 'behind';
    const { stays = null } = this.listener ?? {};
    if (stays !== null) return stays;
    socket.off('data', onData);
    this.#stopped = stopReading(socket);
    if (this.#started) socket.on('data', onData);
    if (this.#stopped === null) return 'sockets';
    return { handle: this.#stopped.handle, unread: this.#stopped.unread };
  }

  thaw(): void {
    const stopped = this.#stopped;
    if (stopped === null) return;
    this.#stopped = null;
    readOn(this.#socket, stopped);
    if (!this.#paused && this.#started) this.#socket.resume();
  }

  release(): void {
    this.listener = null;
    this.closed = true;
    this.#socket.destroy();
  }

  /** For the shared handlers below. */
  take(event: 'data' | 'drain' | 'end' | 'close', chunk: Buffer | null): void {
    const listener = this.listener;
    if (event === 'data') {
      this.#account(chunk!.length);
      listener?.onBytes(chunk!);
    } else if (event === 'drain') listener?.onDrain();
    else if (event === 'end') {
      this.#ended = true;
      listener?.onEnd();
    } else {
      this.closed = true;
      listener?.onClosed(this.#error);
    }
  }

  #account(bytes: number): void {
    this.#readBytes += bytes;
    if (this.#readBytes < turnBytes || this.#resting) return;
    this.#readBytes = 0;
    this.#resting = true;
    this.#socket.pause();
    restForATurn(this);
  }

  #flow(): void {
    if (this.#stopped === null && !this.#resting) this.#socket.resume();
  }

  takeError(error: Error): void {
    this.#error = error;
    // Node tells of a client that begins TLS again and again, and leaves the rest to whoever listens.
    this.#socket.destroy();
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
