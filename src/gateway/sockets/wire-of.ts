import type { Socket } from 'node:net';
import { isPlainHandle, publicSocket, takeHandle } from '../inside/handles.ts';
import { dressAsTls, isTlsHandle } from '../inside/tls.ts';
import type { Wire } from '../tunnel/wire.ts';
import { HandleWire } from './handle-wire.ts';
import { SocketWire } from './socket-wire.ts';

/**
 * The wire of a public socket, over its handle where that can be had and `handles` are to be used. The socket must have
 * no readers.
 */
export function wireOf(socket: Socket, handles: boolean): Wire {
  const taken = handles ? takeHandle(socket) : null;
  return taken === null ? new SocketWire(socket) : new HandleWire(taken.handle, taken.unread);
}

/**
 * The wire of a socket that another process has frozen; null for a handle that is none of a plain socket. `unread`
 * comes first.
 */
export function wireOfFrozen(handle: unknown, unread: Uint8Array, handles: boolean): Wire | null {
  if (!isPlainHandle(handle)) return null;
  if (!handles) return new SocketWire(publicSocket(handle, { unread: Buffer.from(unread), ended: false }));
  return new HandleWire(handle, unread.length === 0 ? null : Buffer.from(unread));
}

/**
 * A public socket, paused, in place of a wire over its handle. `unread` comes first. There is no way back from memory
 * of ours: see `surrender`.
 */
export function socketOf(wire: HandleWire, unread: Uint8Array): Socket {
  const { handle, ended } = wire.surrender();
  const socket = publicSocket(handle, { unread, ended });
  if (isTlsHandle(handle)) dressAsTls(socket, handle);
  return socket;
}
