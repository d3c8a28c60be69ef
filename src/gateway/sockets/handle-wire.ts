import type { Socket } from 'node:net';
import type { StayCause } from '../../base/stay-cause.ts';
import type { Handle, WriteOwner } from '../inside/handle.ts';
import {
  bytesRead,
  endOfFile,
  publicSocket,
  readFrom,
  shutDown,
  systemError,
  writeToHandle,
} from '../inside/handles.ts';
import type { Backlog, FrozenSocket, Wire, WireListener } from '../tunnel/wire.ts';
import { firstOf, giveScratch, lend, nextMemory, scratchCopy, shared, sharedBytes } from './lent-memory.ts';
import { restForATurn, turnBytes } from './rest.ts';
import { giveQueue, takeQueue, type WriteQueue } from './write-queue.ts';

const none = new Uint8Array(0);

/**
 * A wire over the handle of a TCP or Unix socket itself: no streams, no events, no closures. What is read stands in memory that all of them share and is only lent;
 * a write that the kernel takes at once is one system call, and what it does not take waits here, in order.
 */
export class HandleWire implements Wire, WriteOwner {
  closed = false;
  listener: WireListener | null = null;
  #handle: Handle | null;
  #error: Error | null = null;
  /** Memory that is read into; null while Node still allocates some for each read. */
  #memory: Buffer | null = null;
  /** null while nothing waits. */
  #waiting: WriteQueue | null = null;
  /** A request is under way. */
  #writing = false;
  #corked = false;
  #reading = false;
  #paused = false;
  /** It has had its share of this turn of the event loop. */
  #resting = false;
  #readInTurn = 0;
  #ended = false;
  #finSent = false;
  #finished = false;
  #frozen = false;

  /** Bytes that whoever had the handle before has read and nobody has seen. */
  #unread: Buffer | null;

  /** Of a connected handle. Nothing is read before `start`. */
  constructor(handle: Handle, unread: Buffer | null = null) {
    this.#handle = handle;
    this.#unread = unread;
    handle.owner = this;
    handle.onread = onRead;
  }

  get queuedBytes(): number {
    // Asked after every write: the handle only when something is under way.
    const waiting = this.#waitingBytes;
    return this.#writing ? waiting + (this.#handle?.writeQueueSize ?? 0) : waiting;
  }

  get backlog(): Backlog {
    const { queuedBytes } = this;
    return { queuedBytes, leavingBytes: queuedBytes - this.#waitingBytes };
  }

  get #waitingBytes(): number {
    return this.#waiting === null ? 0 : this.#waiting.bytes;
  }

  start(listener: WireListener, head: Buffer | null): void {
    this.listener = listener;
    if (this.closed) {
      listener.onClosed(this.#error);
      return;
    }
    const unread = this.#unread;
    this.#unread = null;
    if (head !== null && head.length > 0) listener.onBytes(head);
    if (unread !== null) listener.onBytes(unread);
    if (this.#handle === null) return;
    if (listener.borrows === true && this.#memory === null) {
      this.#memory = shared;
      this.#handle.useUserBuffer(shared);
    }
    if (this.#ended) listener.onEnd();
    else if (!this.#paused) this.#read();
  }

  write(bytes: Uint8Array): void {
    if (this.#handle === null || this.#finSent || bytes.length === 0) return;
    if (this.#writing || this.#corked) this.#enqueue(bytes);
    else this.#send(this.#handle, scratchCopy(bytes));
  }

  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    this.#flush();
    if (this.#finSent && !this.#writing) this.#sendFin();
  }

  pause(): void {
    this.#paused = true;
    if (!this.#reading) return;
    this.#reading = false;
    this.#handle?.readStop();
  }

  resume(): void {
    this.#paused = false;
    if (this.listener !== null) this.#read();
  }

  end(): void {
    if (this.#handle === null || this.#finSent) return;
    this.#finSent = true;
    if (!this.#writing && !this.#corked) this.#sendFin();
    this.resume();
  }

  destroy(error: Error | null = null): void {
    const handle = this.#handle;
    if (handle === null) return;
    this.#handle = null;
    this.#error = error;
    this.#waiting = null;
    handle.close(() => {
      this.closed = true;
      this.listener?.onClosed(error);
    });
  }

  freeze(): FrozenSocket | StayCause {
    if (this.#handle === null || this.#finSent || this.#ended) return 'closing';
    // A write under way cannot be called back: the rest of it would leave from here.
    if (this.#writing || this.#waiting !== null) return 'behind';
    const { stays = null } = this.listener ?? {};
    if (stays !== null) return stays;
    if (this.#reading) this.#handle.readStop();
    this.#reading = false;
    this.#frozen = true;
    return { handle: this.#handle, unread: this.#unread ?? none };
  }

  thaw(): void {
    this.#frozen = false;
    if (this.listener !== null && !this.#paused) this.#read();
  }

  release(): void {
    const handle = this.#handle;
    this.#handle = null;
    this.listener = null;
    this.closed = true;
    handle?.close();
  }

  /** For the shared handler below. Returns other memory to read into, if it is to be other memory. */
  take(memory: ArrayBuffer | undefined): Buffer | undefined {
    const length = bytesRead();
    if (this.#handle === null || length === 0) return undefined;
    if (length < 0) {
      this.#readEnded(length);
      return undefined;
    }
    // A read that was not full was the last of this turn anyway.
    this.#readInTurn = length < sharedBytes ? 0 : this.#readInTurn + length;
    if (this.#readInTurn >= turnBytes) this.#rest(this.#handle);
    const own = this.#memory;
    if (own === null) {
      this.listener!.onBytes(readFrom(memory!, length));
      return undefined;
    }
    return this.#takeLent(own, length);
  }

  /** Lets the other sockets have their turn. */
  #rest(handle: Handle): void {
    handle.readStop();
    this.#reading = false;
    this.#resting = true;
    this.#readInTurn = 0;
    restForATurn(this);
  }

  /** The turn is over. */
  rested(): void {
    this.#resting = false;
    if (!this.#paused && this.listener !== null) this.#read();
  }

  onWritten(status: number): void {
    this.#writing = false;
    if (this.#handle === null) return;
    if (status < 0) {
      this.destroy(systemError(status, 'write'));
      return;
    }
    if (!this.#corked) this.#flush();
    if (this.#writing || this.#handle === null) return;
    if (this.#finSent) this.#sendFin();
    else this.listener?.onDrain();
  }

  /**
   * Gives the handle up to a public socket, which is paused; `unread` comes first. Only for a wire that nothing waits in, and whose
   * listeners have not borrowed: there is no way back from memory of ours.
   */
  toSocket(unread: Uint8Array): Socket {
    const handle = this.#handle!;
    this.#handle = null;
    this.listener = null;
    return publicSocket(handle, { unread, ended: this.#ended });
  }

  #takeLent(memory: Buffer, length: number): Buffer | undefined {
    const listener = this.listener!;
    // Memory that is not shared is given away when it was worth it, and read into again when it was not.
    const given = memory !== shared && length * 2 >= memory.length;
    const bytes = firstOf(memory, length);
    if (given) listener.onBytes(bytes);
    else if (listener.borrows === true) {
      lend(memory.buffer);
      listener.onBytes(bytes);
      lend(null);
    } else listener.onBytes(Buffer.from(bytes));
    const next = nextMemory(memory, given, this.listener?.bytesAhead ?? 0);
    if (next === memory) return undefined;
    this.#memory = next;
    return next;
  }

  #read(): void {
    if (this.#reading || this.#resting || this.#ended || this.#frozen || this.#handle === null) return;
    this.#reading = true;
    const status = this.#handle.readStart();
    if (status < 0) this.destroy(systemError(status, 'read'));
  }

  #readEnded(status: number): void {
    this.#reading = false;
    if (status !== endOfFile) {
      this.destroy(systemError(status, 'read'));
      return;
    }
    this.#ended = true;
    this.#handle!.readStop();
    this.listener?.onEnd();
    this.#closeIfDone();
  }

  #send(handle: Handle, bytes: Uint8Array): void {
    const status = writeToHandle(handle, bytes, this);
    if (status === 0) return;
    if (status < 0) {
      this.destroy(systemError(status, 'write'));
      return;
    }
    giveScratch(bytes);
    this.#writing = true;
  }

  #enqueue(bytes: Uint8Array): void {
    this.#waiting ??= takeQueue();
    this.#waiting.add(bytes, this.#writing);
  }

  /** Writes what waits, as far as the kernel takes it. */
  #flush(): void {
    while (this.#waiting !== null && this.#handle !== null && !this.#writing) {
      const bytes = this.#waiting.next();
      if (this.#waiting.bytes === 0) {
        giveQueue(this.#waiting);
        this.#waiting = null;
      }
      this.#send(this.#handle, bytes);
    }
  }

  #sendFin(): void {
    if (this.#handle === null) return;
    shutDown(this.#handle, () => {
      this.#finished = true;
      this.#closeIfDone();
    });
  }

  #closeIfDone(): void {
    if (this.#ended && this.#finished) this.destroy();
  }
}

function onRead(this: Handle, memory?: ArrayBuffer): Buffer | undefined {
  return (this.owner as HandleWire).take(memory);
}
