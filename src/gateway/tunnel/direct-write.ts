import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { nodeInside, type WriteRequest } from './node-inside.ts';

/** The part of node's handle that is used here. */
interface Handle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  readonly writeQueueSize: number;
}

/** Who is told when bytes that stayed behind have left, or never will. */
export interface DirectWriter {
  /** `behind` is what `writeDirectly` said of them. */
  onWritten(behind: number, error: Error | null): void;
}

/** Serves write after write, until one takes it: libuv holds it then until it has said how that write ended. */
let request: WriteRequest | null = null;

/** True when the socket can be written directly; from then on `writeDirectly` may be asked. */
export function canWriteDirectly(socket: Socket): boolean {
  const handle = handleOf(socket);
  return (
    nodeInside() !== null && typeof handle?.writeBuffer === 'function' && typeof handle.writeQueueSize === 'number'
  );
}

/**
 * Writes past the stream, for a socket whose stream has nothing to write: one system call and no bookkeeping. Returns how many bytes stay
 * behind, 0 nearly always; more, then `bytes` belongs to the queue of the handle until the writer is told that they have left, and what is
 * written to the stream meanwhile comes behind them. Null: the socket is gone. Throws what the kernel says, with its code.
 */
export function writeDirectly(socket: Socket, bytes: Uint8Array, writer: DirectWriter): number | null {
  const handle = handleOf(socket);
  const inside = nodeInside();
  if (handle === null || inside === null) return null;
  const used = request ?? new inside.WriteRequest();
  request = null;
  const status = handle.writeBuffer(used, bytes);
  if (status !== 0) throw writeError(status);
  // Not the size of the queue: a reader that catches up within the call empties it, and the request is still libuv's.
  if (!inside.lastWriteTookRequest()) {
    request = used;
    return 0;
  }
  const behind = handle.writeQueueSize;
  // Alive as long as the request is, which the handle sees to.
  used.bytes = bytes;
  used.oncomplete = (done) => writer.onWritten(behind, done === 0 ? null : writeError(done));
  return behind;
}

function handleOf(socket: Socket): Handle | null {
  return (socket as unknown as { readonly _handle: Handle | null })._handle;
}

function writeError(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: 'write' });
}
