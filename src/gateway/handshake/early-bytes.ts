import type { Wire, WireListener } from '../tunnel/wire.ts';
import { Patience } from './patience.ts';

/**
 * A client has nothing to say before it is answered (RFC 6455, 4.1), but some send their first frames at once: they are
 * kept up to this, a socket's own read, and then the client is not read until there is a tunnel.
 */
const earlyBytesMax = 65_536;

/**
 * Listens to a client while its handshake is under way: keeps its first frames, and notices when it leaves, which shows
 * only to who reads.
 */
export class EarlyBytes implements WireListener {
  readonly patience = new Patience();
  readonly #wire: Wire;
  /** What came behind the request. */
  head: Buffer;
  /** The client's socket is gone. */
  over = false;

  constructor(wire: Wire, head: Buffer) {
    this.#wire = wire;
    this.head = head;
  }

  onBytes(chunk: Buffer): void {
    this.head = this.head.length === 0 ? chunk : Buffer.concat([this.head, chunk]);
    if (this.head.length > earlyBytesMax) this.#wire.pause();
  }

  onDrain(): void {
    // Nothing is written before the answer.
  }

  onEnd(): void {
    this.patience.lose('left');
  }

  onClosed(): void {
    this.over = true;
    this.patience.lose('left');
  }
}
