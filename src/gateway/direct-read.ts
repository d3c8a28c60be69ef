import net, { type Socket } from 'node:net';

/** Whoever reads a socket without the machinery of streams. */
export interface DirectReader {
  /**
   * Bytes in order, valid until it returns: their memory is read into again. What has to be kept is copied (`keep`).
   */
  onRead(chunk: Buffer): void;
  /** How many bytes are known to follow that nobody will hold back: the rest of a large frame. */
  readonly bytesAhead: number;
}

/** One read of a loopback or fast network socket; the kernel seldom has more at once for a chat. */
const sharedBytes = 65_536;
/** A frame with more than this ahead gets memory of its own, so that it is not copied. Below, copying is cheaper than allocating. */
const ownBytesMin = 32_768;
/** Four times what one read takes from a socket by default: fewer system calls for a message of a megabyte. */
const ownBytesMax = 262_144;
/** Small pieces are cut from a block; a block stays alive as long as one of its pieces does, so it is small, too. */
const blockBytes = 65_536;
const pieceBytesMax = 16_384;

/** What all direct sockets of this process read into, one after the other: an idle connection holds no buffer. */
const shared = Buffer.allocUnsafeSlow(sharedBytes);

/** The memory that is lent to the reader at this moment. */
let lent: ArrayBufferLike | null = null;
let block = Buffer.allocUnsafeSlow(blockBytes);
let blockUsed = 0;

/**
 * A copy of bytes that are only lent, or the bytes themselves when they may be kept. `alone` says that nothing else waits in the same
 * queue: only then may the copy be a piece of a block, or a reader who is behind would keep many blocks alive with a few bytes each.
 */
export function keep(bytes: Uint8Array, alone: boolean): Uint8Array {
  if (bytes.buffer !== lent) return bytes;
  const { length } = bytes;
  if (!alone || length > pieceBytesMax) {
    const copy = Buffer.allocUnsafeSlow(length);
    copy.set(bytes);
    return copy;
  }
  if (blockUsed + length > blockBytes) {
    block = Buffer.allocUnsafeSlow(blockBytes);
    blockUsed = 0;
  }
  const piece = block.subarray(blockUsed, blockUsed + length);
  piece.set(bytes);
  blockUsed += length;
  return piece;
}

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
        lent = given ? null : buffer.buffer;
        reader.onRead(buffer.subarray(0, length) as Buffer);
        lent = null;
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
