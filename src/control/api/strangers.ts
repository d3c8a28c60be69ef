import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Sockets of the control API. Whoever reaches its address may connect, and each takes a descriptor of the supervisor,
 * which needs some to start a worker in place of one that died. The page takes six, a command one, and at most 64
 * follow the edge.
 */
const socketsMax = 256;
/** Of all descriptors of the process, where that is less. */
const descriptorsPart = 1 / 4;
/** A head is one packet; a body, a megabyte at the most, may come over a slow line. */
export const serverTimeouts = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1000,
} as const;

/** Bounds the sockets of a server. */
export interface Strangers {
  /** Who is behind it may be here. */
  admit(socket: Socket): void;
}

/**
 * When all places are taken, the stranger who has been there longest gives way: one needs a moment to say who it is,
 * and a crowd that says nothing must not lock out whoever may steer. `descriptors`: how many this process may have
 * open.
 */
export function boundSockets(server: Server, descriptors: number): Strangers {
  const max = Math.max(1, Math.min(socketsMax, Math.floor(descriptors * descriptorsPart)));
  /** Oldest first. */
  const strangers = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count++;
    strangers.add(socket);
    socket.once('close', () => {
      count--;
      strangers.delete(socket);
    });
    if (count <= max) return;
    // The newcomer itself, when everybody else is known.
    const longest = strangers.values().next().value!;
    strangers.delete(longest);
    longest.destroy();
  });
  return { admit: (socket) => strangers.delete(socket) };
}
