import net, { type Socket } from 'node:net';
import { firstOf, lend, shared } from './lent-memory.ts';

/** Whoever reads a socket without the machinery of streams. */
export interface DirectReader {
  /**
   * Bytes in order, valid until it returns: their memory is read into again. What has to be kept is copied (`keep`).
   */
  onRead(chunk: Buffer): void;
  /** How many bytes are known to follow that nobody will hold back: the rest of a large frame. */
  readonly bytesAhead: number;
}

/** A frame with more than this ahead gets memory of its own, so that it is not copied. Below, copying is cheaper than allocating. */
const ownBytesMin = 32_768;
/** Four times what one read takes from a socket by default: fewer system calls for a message of a megabyte. */
const ownBytesMax = 262_144;

/** What node keeps behind a socket, as far as it is needed here. */
interface Inner {
  _handle: { reading: boolean; readStop(): number; constructor: { name: string } } | null;
  _server: unknown;
}

/**
 * Moves a plain TCP socket into a new one that reads with `onread` (node's documented way around streams, which it offers for sockets that
 * one opens oneself, and not for those that a server accepts). The handle is handed over as node:cluster does it. null when that cannot be
 * done: TLS, bytes still to be written, another kind of handle; then the socket is as it was.
 */
export function readDirectly(socket: Socket, reader: DirectReader): Socket | null {
  const inner = socket as unknown as Inner;
  const handle = inner._handle;
  const movable =
    handle !== null &&
    handle?.constructor.name === 'TCP' &&
    !socket.destroyed &&
    !socket.connecting &&
    socket.writableLength === 0;
  if (!movable || typeof handle.readStop !== 'function') return null;

  handle.readStop();
  handle.reading = false;
  const before = socket.read() as Buffer | null;
  let next = shared;
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: () => next,
      callback: (length: number, buffer: Uint8Array) => {
        const filled = length * 2 >= buffer.length;
        // Memory that is not shared is given away when it was worth it, and read into again when it was not.
        const given = buffer !== shared && filled;
        lend(given ? null : buffer.buffer);
        reader.onRead(firstOf(buffer, length));
        lend(null);
        const { bytesAhead } = reader;
        if (bytesAhead < ownBytesMin) next = shared;
        else if (given || buffer === shared) next = Buffer.allocUnsafeSlow(Math.min(bytesAhead, ownBytesMax));
        return true;
      },
    },
  };
  const direct = new net.Socket(options as unknown as net.SocketConstructorOpts);
  // The server's count of its sockets goes with the handle; the old socket is an empty shell now.
  const shell = direct as unknown as Inner;
  shell._server = inner._server;
  inner._server = null;
  inner._handle = null;
  if (before !== null) reader.onRead(before);
  return direct;
}
