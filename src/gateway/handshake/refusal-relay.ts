import { hopHeaders, nominatedBy } from '../../base/hop-headers.ts';
import { type BodyReader, bodyLength, createBodyReader } from '../../ws/body.ts';
import type { AnswerHead } from '../../ws/head.ts';
import type { Wire, WireListener } from '../tunnel/wire.ts';
import { lingerOnWire } from './refusal.ts';

export interface RelayedRefusal {
  readonly client: Wire;
  readonly server: Wire;
  readonly head: AnswerHead;
  /** The beginning of the body, read together with the head. */
  readonly rest: Buffer;
  /** The refusal has to be through by then; a body that never ends is cut. */
  readonly timeoutMs: number;
}

/**
 * Refusals are pages and short JSON; one that is longer is cut, so that nobody can stream through a failed handshake.
 */
const bodyBytesMax = 1_048_576;

/** Passes a server's refusal on to the client as it is, but for the Connection header: both connections end with it. */
export function relayRefusal(refusal: RelayedRefusal): void {
  const { client, server, head, rest, timeoutMs } = refusal;
  const relay = new Relay(client, server, head);
  client.write(Buffer.from(headText(head), 'latin1'));
  client.start(
    { onBytes: ignore, onDrain: () => server.resume(), onEnd: ignore, onClosed: () => relay.finish() },
    null,
  );
  relay.begin(rest, timeoutMs);
}

/** The body on its way: listens to the server. */
class Relay implements WireListener {
  readonly #client: Wire;
  readonly #server: Wire;
  readonly #reader: BodyReader | null;
  #bodyBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #finished = false;

  constructor(client: Wire, server: Wire, head: AnswerHead) {
    this.#client = client;
    this.#server = server;
    const length = bodyLength(head);
    this.#reader = length.kind === 'violation' ? null : createBodyReader(length);
  }

  begin(rest: Buffer, timeoutMs: number): void {
    this.#timer = setTimeout(() => this.finish(), timeoutMs);
    // An answer may have no body: then there is nothing to wait for.
    this.onBytes(rest);
    if (!this.#finished) this.#server.start(this, null);
  }

  onBytes(chunk: Buffer): void {
    if (this.#finished) return;
    const step = this.#reader?.push(chunk) ?? { state: 'violation' as const };
    const passing = step.state === 'done' ? chunk.subarray(0, step.endAt) : chunk;
    this.#bodyBytes += passing.length;
    if (step.state === 'violation' || this.#bodyBytes > bodyBytesMax) {
      this.finish();
      return;
    }
    this.#client.write(passing);
    if (this.#client.queuedBytes > 0) this.#server.pause();
    if (step.state === 'done') this.finish();
  }

  onDrain(): void {
    // Nothing is said to the server.
  }

  onEnd(): void {
    this.finish();
  }

  onClosed(): void {
    this.finish();
  }

  /** Both connections end, with what has come so far. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#server.destroy();
    this.#client.end();
    lingerOnWire(this.#client);
  }
}

function ignore(): void {
  // Nothing that the client says now changes its answer.
}

/** The body goes on as it is framed, and a 426 or 407 says with these what it wants. */
const kept: ReadonlySet<string> = new Set(['transfer-encoding', 'trailer', 'upgrade', 'proxy-authenticate']);

function headText(head: AnswerHead): string {
  const nominated = nominatedBy(head.rawHeaders);
  let text = `HTTP/1.1 ${head.status} ${head.reason}\r\n`;
  for (let i = 0; i + 1 < head.rawHeaders.length; i += 2) {
    const name = head.rawHeaders[i]!;
    const lower = name.toLowerCase();
    if (nominated?.has(lower) || (hopHeaders.has(lower) && !kept.has(lower))) continue;
    text += `${name}: ${head.rawHeaders[i + 1]}\r\n`;
  }
  return `${text}Connection: close\r\n\r\n`;
}
