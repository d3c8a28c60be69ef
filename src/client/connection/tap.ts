import type { Socket } from 'node:net';

/** Shows every byte of a socket before its reader gets it, and what is written when it is written. */
export function tap(socket: Socket, onBytes: (direction: 'sent' | 'received', bytes: Uint8Array) => void): void {
  // Before the reader that already exists: whoever shows both wants the bytes first and then what they mean.
  socket.prependListener('data', (chunk: Buffer) => onBytes('received', chunk));
  const write = socket.write.bind(socket) as (chunk: Uint8Array, ...rest: unknown[]) => boolean;
  socket.write = ((chunk: Uint8Array, ...rest: unknown[]) => {
    onBytes('sent', chunk);
    return write(chunk, ...rest);
  }) as typeof socket.write;
}
