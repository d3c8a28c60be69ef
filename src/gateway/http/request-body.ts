import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';

/**
 * A body has so long to begin with, and a second more for each KiB that came: any network that carries a page carries
 * that, and a byte every few seconds, which holds a place and a connection to the server for nothing, ends there.
 */
export const bodyRateBytesPerSecond = 1024;

const lookEveryMs = 1000;

/**
 * A client's body on its way to one server, under a deadline that does not count the time in which the server is the
 * slow one.
 */
export class RequestBody {
  /** What the server's side reads. It may be destroyed without the client's socket being lost with it. */
  readonly stream = new PassThrough();
  readonly #request: IncomingMessage;
  #timer: NodeJS.Timeout | null = null;
  #bytes = 0;
  #waitedMs = 0;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.stream.on('error', tellNobody);
  }

  /** Begins to read the client; from then on the body cannot be sent to another server. */
  flow(options: { readonly timeoutMs: number; readonly onTooSlow: () => void }): void {
    const request = this.#request;
    this.#timer = setInterval(() => {
      if (this.stream.writableNeedDrain) return;
      this.#waitedMs += lookEveryMs;
      if (this.#waitedMs <= options.timeoutMs + (this.#bytes / bodyRateBytesPerSecond) * 1000) return;
      this.stop();
      options.onTooSlow();
    }, lookEveryMs);
    request.once('end', this.#ended);
    request.once('close', this.#ended);
    request.on('data', this.#count);
    request.pipe(this.stream);
  }

  stop(): void {
    this.#ended();
    this.#request.removeListener('end', this.#ended);
    this.#request.removeListener('close', this.#ended);
    this.#request.removeListener('data', this.#count);
    this.#request.unpipe(this.stream);
    this.stream.destroy();
  }

  readonly #ended = () => {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  };

  readonly #count = (chunk: Buffer) => {
    this.#bytes += chunk.length;
  };
}

function tellNobody(): void {
  // Who reads the stream reports its failures.
}
