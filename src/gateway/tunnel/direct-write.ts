import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';

/** What a handle wants with each write; node makes one for each, and a write that succeeds at once leaves it as it was. */
interface WriteRequest {
  oncomplete?: (status: number) => void;
  bytes?: Uint8Array;
}

/** The part of node's handle that is used here. */
interface Handle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  readonly writeQueueSize: number;
}

/** Who is told when bytes that stayed behind have left, or never will. */
export interface DirectWriter {
  onWritten(error: Error | null): void;
}

/** Node does not export it: it is read off the first write of this process. */
let Request: (new () => WriteRequest) | null = null;
/** Serves write after write, until one stays behind and takes it. */
let request: WriteRequest | null = null;

/** True when the socket can be written directly; from then on `writeDirectly` may be asked. */
export function canWriteDirectly(socket: Socket): boolean {
  const handle = handleOf(socket);
  return typeof handle?.writeBuffer === 'function' && typeof handle.writeQueueSize === 'number';
}

/**
 * Writes past the stream, for a socket whose stream has nothing to write: one system call and no bookkeeping. Returns how many bytes stay
 * behind, 0 nearly always; then `bytes` belongs to the queue of the handle until the writer is told that they have left, and what is written to the
 * stream meanwhile comes behind them. Null: it cannot be done now (the socket is gone, or this is the first write of the process).
 * Throws what the kernel says, with its code.
 */
export function writeDirectly(socket: Socket, bytes: Uint8Array, writer: DirectWriter): number | null {
  const handle = handleOf(socket);
  if (handle === null) return null;
  if (request === null) {
    if (Request === null) return learnFrom(handle);
    request = new Request();
  }
  const status = handle.writeBuffer(request, bytes);
  if (status !== 0) throw writeError(status);
  const behind = handle.writeQueueSize;
  if (behind === 0) return 0;
  const taken = request;
  request = null;
  // Alive as long as the request is, which the handle sees to.
  taken.bytes = bytes;
  taken.oncomplete = (done) => writer.onWritten(done === 0 ? null : writeError(done));
  return behind;
}

/** Puts a method of its own in front of the handle's, for the one write that comes now through the stream. */
function learnFrom(handle: Handle): null {
  handle.writeBuffer = (made, bytes) => {
    Request = made.constructor as new () => WriteRequest;
    delete (handle as Partial<Handle>).writeBuffer;
    return handle.writeBuffer(made, bytes);
  };
  return null;
}

function handleOf(socket: Socket): Handle | null {
  return (socket as unknown as { readonly _handle: Handle | null })._handle;
}

function writeError(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: 'write' });
}
