import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Wire } from '../tunnel/wire.ts';

export interface Refusal {
  readonly status: number;
  /** A sentence for whoever reads the answer; it goes into the body. */
  readonly sentence: string;
  /** Name, value, name, value … */
  readonly headers?: readonly string[];
  /** Sent instead of the sentence, with the content type among `headers`; null or absent for none. */
  readonly body?: Uint8Array | null;
}

/**
 * How long a refused client may take to read its answer and leave. Cutting at once would let the kernel throw the
 * answer away together with the client's unread bytes.
 */
const lingerMs = 2000;

/** Answers a request that will not be upgraded and ends the connection. Safe on a socket that is gone already. */
export function refuse(socket: Socket, refusal: Refusal): void {
  if (socket.destroyed) return;
  socket.end(answerOf(refusal));
  linger(socket);
}

/** The same on a wire. */
export function refuseWire(wire: Wire, refusal: Refusal): void {
  wire.write(answerOf(refusal));
  wire.end();
  lingerOnWire(wire);
}

function answerOf(refusal: Refusal): Buffer {
  const own = refusal.body == null;
  const body = own ? Buffer.from(`${refusal.status} ${refusal.sentence}\n`) : refusal.body!;
  const headers = refusal.headers ?? [];
  // Whoever names protocols to upgrade to says so in Connection, too (RFC 9110, 7.8 and 15.5.22).
  const upgrades = headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'upgrade');
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`,
    `Content-Length: ${body.length}`,
    upgrades ? 'Connection: close, Upgrade' : 'Connection: close',
  ];
  if (own) lines.push('Content-Type: text/plain; charset=utf-8');
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase();
    const replaced = name === 'connection' || name === 'content-length' || (own && name === 'content-type');
    if (!replaced) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  }
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

/** Reads and drops what still comes, and cuts the socket when the peer does not leave by itself. */
export function linger(socket: Socket): void {
  socket.on('error', ignoreError);
  socket.resume();
  // Not the socket's own timeout: a client that goes on sending would put that off for ever.
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

/** The same on a wire. */
export function lingerOnWire(wire: Wire): void {
  const timer = setTimeout(() => wire.destroy(), lingerMs);
  wire.start({ onBytes: ignore, onDrain: ignore, onEnd: ignore, onClosed: () => clearTimeout(timer) }, null);
  wire.resume();
}

function ignore(): void {
  // Nothing that the peer does changes its answer.
}

function ignoreError(): void {
  // The peer left before it had read the answer: nobody is left who could be told.
}
