import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

export interface Refusal {
  readonly status: number;
  /** A sentence for whoever reads the answer; it goes into the body. */
  readonly sentence: string;
  /** Name, value, name, value … */
  readonly headers?: readonly string[];
}

/**
 * How long a refused client may take to read its answer and leave. Cutting at once would let the kernel throw the answer
 * away together with the client's unread bytes.
 */
const lingerMs = 2000;

/** Answers a request that will not be upgraded and ends the connection. Safe on a socket that is gone already. */
export function refuse(socket: Socket, refusal: Refusal): void {
  if (socket.destroyed) return;
  const body = `${refusal.status} ${refusal.sentence}\n`;
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? 'Refused'}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  const headers = refusal.headers ?? [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]!.toLowerCase() !== 'connection') lines.push(`${headers[i]}: ${headers[i + 1]}`);
  }
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  linger(socket);
}

/** Reads and drops what still comes, and cuts the socket when the peer does not leave by itself. */
export function linger(socket: Socket): void {
  socket.on('error', ignoreError);
  socket.resume();
  socket.setTimeout(lingerMs, () => socket.destroy());
}

function ignoreError(): void {
  // The peer left before it had read the answer: nobody is left who could be told.
}
