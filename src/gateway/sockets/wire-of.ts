import type { Socket } from 'node:net';
import type { Wire } from '../tunnel/wire.ts';
import { HandleWire } from './handle-wire.ts';
import { takeHandle } from './inside.ts';
import { SocketWire } from './socket-wire.ts';

/** The wire of a public socket, over its handle where that can be had and `handles` are to be used. The socket must have no readers. */
export function wireOf(socket: Socket, handles: boolean): Wire {
  const taken = handles ? takeHandle(socket) : null;
  return taken === null ? new SocketWire(socket) : new HandleWire(taken.handle, taken.unread);
}
