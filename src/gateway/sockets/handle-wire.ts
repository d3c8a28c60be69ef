import type { StayCause } from '../../base/stay-cause.ts';
import type { Handle, WriteOwner } from '../inside/handle.ts';
import { bytesRead, endOfFile, readFrom, shutDown, systemError, writeToHandle } from '../inside/handles.ts';
import { isTlsHandle, leavingOf } from '../inside/tls.ts';
import type { Backlog, FrozenSocket, Wire, WireListener } from '../tunnel/wire.ts';
import { type HeldBack, holdBack } from './held-back.ts';
import { firstOf, giveScratch, lendTo, nextMemory, scratchCopy, shared, sharedBytes } from './lent-memory.ts';
import { restForATurn, turnBytes } from './rest.ts';
import { giveQueue, takeQueue, type WriteQueue } from './write-queue.ts';

const none = Buffer.alloc(0);

/**
 * A wire over the handle of a TCP or Unix socket itself, or of TLS over one: no streams, no events, no closures. What
 * is read stands in memory that all of them share and is only lent; a write that the kernel takes at once is one system
 * call, and what it does not take waits here, in order.
 */
export class HandleWire implements Wire, WriteOwner {
  closed = false;
  listener: WireListener | null = null;
  #handle: Handle | null;
  /** TLS has taken, encrypted, what it was given to write when the call returns. */
  readonly #secure: boolean;
  #error: Error | null = null;
  /** Memory that is read into; null while Node still allocates some for each read. */
  #memory: Buffer | null = null;
  /** null while nothing waits. */
  #waiting: WriteQueue | null = null;
  /** Bytes of the write that is under way, 0 when none is. */
  #writing = 0;
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
  #held: HeldBack | null = null;

  /** Of a connected handle. Nothing is read before `start`. */
  constructor(handle: Handle, unread: Buffer | null = null) {
    this.#handle = handle;
    this.#secure = isTlsHandle(handle);
    this.#unread = unread;
    handle.owner = this;
    handle.onread = onRead;
  }

  get queuedBytes(): number {
    // Asked after every write: the handle only when something is under way.
    const waiting = this.#waitingBytes;
    return this.#writing === 0 || this.#handle === null ? waiting : waiting + leavingOf(this.#handle, this.#writing);
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
    if (this.#writing > 0 || this.#corked) this.#enqueue(bytes);
    else this.#send(this.#handle, this.#secure ? bytes : scratchCopy(bytes));
  }

  cork(): void {
    this.#corked = true;
  }

  uncork(): void {
    this.#corked = false;
    this.#flush();
    if (this.#finSent && this.#writing === 0) this.#sendFin();
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
    if (this.#writing === 0 && !this.#corked) this.#sendFin();
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
    if (this.#secure) return 'tls';
    if (this.#handle === null || this.#finSent || this.#ended) return 'closing';
    // A write under way cannot be called back: the rest of it would leave from here.
    if (this.#writing > 0 || this.#waiting !== null) return 'behind';
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
    if (this.#handle === null || length === 0 || this.#ended) return undefined;
    const chunk = length < 0 ? none : this.#memory === null ? readFrom(memory!, length) : firstOf(this.#memory, length);
    if (!this.#reading) this.#held = holdBack(this.#held, chunk, length);
    else if (length < 0) this.#readEnded(length);
    else {
      // A read that was not full was the last of this turn anyway; TLS gives one read in many pieces.
      this.#readInTurn = length < sharedBytes && !this.#secure ? 0 : this.#readInTurn + length;
      if (this.#readInTurn >= turnBytes) this.#rest(this.#handle);
      if (this.#memory !== null) return this.#takeLent(this.#memory, chunk);
      this.listener!.onBytes(chunk);
    }
    return undefined;
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
    if (this.#held !== null && !this.#paused) this.#giveHeld(this.#held);
    if (!this.#paused && this.listener !== null) this.#read();
  }

  #giveHeld({ bytes, status }: HeldBack): void {
    this.#held = status === 0 ? null : { bytes: null, status };
    if (bytes !== null) this.listener?.onBytes(bytes);
    if (status === 0 || this.#paused || this.#handle === null) return;
    this.#held = null;
    this.#readEnded(status);
  }

  onWritten(status: number): void {
    this.#writing = 0;
    if (status < 0) this.destroy(systemError(status, 'write'));
    if (this.#handle === null) return;
    if (!this.#corked) this.#flush();
    if (this.#writing > 0 || this.#handle === null) return;
    if (this.#finSent) this.#sendFin();
    else this.listener?.onDrain();
  }

  /**
   * Gives the handle up, and says whether the peer had finished. Only for a wire that nothing waits in, and whose
   * listeners have not borrowed.
   */
  surrender(): { readonly handle: Handle; readonly ended: boolean } {
    const handle = this.#handle!;
    this.#handle = null;
    this.listener = null;
    return { handle, ended: this.#ended };
  }

  #takeLent(memory: Buffer, bytes: Buffer): Buffer | undefined {
    const given = lendTo(this.listener!, memory, bytes);
    // TLS gives 16 KB at most, whatever there is room for.
    const next = this.#secure ? memory : nextMemory(memory, given, this.listener?.bytesAhead ?? 0);
    if (next === memory) return undefined;
    this.#memory = next;
    return next;
  }

  #read(): void {
    if (this.#reading || this.#resting || this.#ended || this.#frozen || this.#handle === null) return;
    if (this.#held !== null) {
      this.#rest(this.#handle);
      return;
    }
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
    if (status < 0) this.destroy(systemError(status, 'write'));
    else if (status > 0) {
      if (!this.#secure) giveScratch(bytes);
      this.#writing = bytes.length;
    }
  }

  #enqueue(bytes: Uint8Array): void {
    this.#waiting ??= takeQueue();
    this.#waiting.add(bytes, this.#writing > 0);
  }

  /** Writes what waits, as far as the kernel takes it. */
  #flush(): void {
    while (this.#waiting !== null && this.#handle !== null && this.#writing === 0) {
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
