/**
 * What stands under `net.Socket`, as far as it is used: only its shape. `handles.ts` gets at it, and `trial.ts` tries
 * it.
 */

/**
 * The handle of a TCP socket or of a Unix socket (a pipe), as far as it is used. Each call returns 0 or a negative
 * error number of libuv.
 */
export interface Handle {
  /**
   * `memory` is what was read, null for a handle that reads into memory of ours; what is returned is read into from
   * then on.
   */
  onread: (this: Handle, memory?: ArrayBuffer) => Uint8Array | undefined;
  /** Of a handle that listens. */
  onconnection: (this: Handle, status: number, accepted?: Handle) => void;
  /** Bytes of a write under way that the kernel has not taken. */
  readonly writeQueueSize: number;
  /** Ours: whoever the shared `onread` is to tell. */
  owner?: unknown;

  bind(address: string, port?: number): number;
  listen(backlog: number): number;
  /** A pipe wants a path alone. */
  connect(request: object, address: string, port?: number): number;
  connect6(request: object, address: string, port: number): number;
  readStart(): number;
  readStop(): number;
  /**
   * Reads into this memory from now on, which must stay reachable. Once for a handle: each call puts a reader on top of
   * the last one.
   */
  useUserBuffer(memory: Uint8Array): void;
  writeBuffer(request: object | null, bytes: Uint8Array): number | WriteRequest;
  shutdown(request: object): number;
  /** These three are there for TCP alone. */
  getpeername(into: object): number;
  getsockname(into: object): number;
  setNoDelay(on: boolean): number;
  close(done?: () => void): void;
  /** Closes with RST. */
  reset(done?: () => void): number;
}

/** A write that the kernel did not take at once. It keeps the bytes alive until `oncomplete`. */
export interface WriteRequest {
  oncomplete: (this: WriteRequest, status: number) => void;
  bytes?: Uint8Array;
  owner?: WriteOwner;
  /** The outcome of a write that was over before anybody could be told. Node 26 sets it itself. */
  writeStatus?: number | null;
}

/** Who is told when a write has left, or never will (`status` below 0). */
export interface WriteOwner {
  onWritten(status: number): void;
}
