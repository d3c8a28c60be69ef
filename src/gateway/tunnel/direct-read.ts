import type { Socket } from 'node:net';
import { firstOf, lend, shared } from './lent-memory.ts';
import { nodeInside } from './node-inside.ts';

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
  readonly _handle: {
    reading: boolean;
    readStop(): number;
    useUserBuffer(buffer: Uint8Array): void;
    readonly constructor: { readonly name: string };
  } | null;
  [place: symbol]: unknown;
}

/**
 * Lets a plain TCP socket read with `onread`, node's documented way around streams, which it offers for sockets that one opens oneself, and
 * not for those that a server accepts. False when that cannot be done: TLS, another kind of handle; then the socket is as it was.
 */
export function readDirectly(socket: Socket, reader: DirectReader): boolean {
  const inner = socket as unknown as Inner;
  const handle = inner._handle;
  const places = nodeInside()?.places;
  if (places === undefined || handle?.constructor.name !== 'TCP' || socket.destroyed || socket.connecting) return false;

  handle.readStop();
  handle.reading = false;
  const before = socket.read() as Buffer | null;
  let next = shared;
  inner[places.generator] = () => next;
  inner[places.callback] = (length: number, buffer: Uint8Array) => {
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
  };
  inner[places.buffer] = next;
  handle.useUserBuffer(next);
  if (before !== null) reader.onRead(before);
  return true;
}
