import type { StayCause } from '../../base/stay-cause.ts';

/** What happens on one socket of a connection. */
export interface WireListener {
  /** Bytes in order. They may be kept, unless the listener borrows. */
  onBytes(chunk: Buffer): void;
  /**
   * Set by a listener that is done with the bytes when `onBytes` returns, or has written them to a wire: then they need
   * not be copied.
   */
  readonly borrows?: true;
  /** For a listener that borrows: bytes that are known to follow, and that it will pass on whatever they are. */
  readonly bytesAhead?: number;
  /**
   * Why somebody else could not go on with its bytes now: some of them are kept here. Absent or null when nothing is.
   */
  readonly stays?: StayCause | null;
  /**
   * Bytes of payload that come before the next header, for who looks at headers; null or absent where that is not known
   * at the moment.
   */
  readonly bytesToHeader?: number | null;
  /** Everything that was written has left for the kernel, after some of it had to wait. */
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

/** A socket that stands still for another process to go on with. */
export interface FrozenSocket {
  /** The system's, for `process.send`: a handle of Node's inside. */
  readonly handle: object;
  /** Bytes that were read and that nobody has seen. */
  readonly unread: Uint8Array;
}

/**
 * One socket as the edge sees it, of two kinds: `sockets/handle-wire` over the handle itself, plain or of TLS, and
 * `sockets/socket-wire` over public sockets of Node (TLS towards servers, and everywhere when the handles are not to be
 * used). Both carry the same bytes and end in the same way.
 */
export interface Wire {
  /**
   * Who hears of it; null before the start. Another one may be put in its place that hands everything on to it, and
   * borrows if it does.
   */
  listener: WireListener | null;
  /** The listener has been told of the end, or would have been. */
  readonly closed: boolean;
  /** Bytes that were written and have not reached the kernel. */
  readonly queuedBytes: number;
  readonly backlog: Backlog;

  /**
   * Starts reading for a listener, or goes on for another one. `head` are bytes that were read already and come first.
   */
  start(listener: WireListener, head: Buffer | null): void;
  /** Dropped when our side is finished or the socket gone. */
  write(bytes: Uint8Array): void;
  /** Gathers the writes until `uncork`, so that they leave in one system call. */
  cork(): void;
  uncork(): void;
  pause(): void;
  resume(): void;
  /**
   * Finishes our side once everything written has left, and reads on, so that the kernel has no cause to answer with a
   * reset.
   */
  end(): void;
  /** Cuts the socket; what waits is lost. `error` is what the listener is told. */
  destroy(error?: Error): void;

  /**
   * Stands still, so that another process can go on with the socket: nothing is read, and nothing may be written. Says
   * why not where it cannot, or cannot now, and then nothing has changed.
   */
  freeze(): FrozenSocket | StayCause;
  /** Goes on as if it had not been frozen. */
  thaw(): void;
  /** Somebody else has the socket: lets go of it without a word to the peer or to the listener. */
  release(): void;
}
