/**
 * The server behind the nginx that is tried: takes upgrades, answers plain requests, and remembers what it was asked.
 */
import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { acceptFor } from '../../../ws/handshake.ts';

export interface TrialServer {
  readonly port: number;
  /** TCP connections that were accepted so far. */
  readonly accepted: () => number;
  /** The headers of the latest request of each path. */
  readonly lastHeaders: (path: string) => http.IncomingHttpHeaders | undefined;
  readonly close: () => Promise<void>;
}

/** More paths than any spec has routes; a client that asks for others is not ours. */
const pathsMax = 10_000;

export async function startTrialServer(): Promise<TrialServer> {
  const headers = new Map<string, http.IncomingHttpHeaders>();
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  const remember = (request: http.IncomingMessage) => {
    if (headers.size < pathsMax) headers.set(request.url ?? '', request.headers);
  };
  const server = http.createServer((request, response) => {
    remember(request);
    response.writeHead(request.url === '/refuse' ? 403 : 200, { 'Content-Length': 5 }).end('plain');
  });
  // The pool is what is watched, so this side must not be the one that closes.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: net.Socket) => {
    accepted++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  });
  server.on('upgrade', (request, stream) => {
    remember(request);
    const key = request.headers['sec-websocket-key'] ?? '';
    stream.on('error', () => stream.destroy()).resume();
    stream.once('end', () => stream.end());
    stream.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    accepted: () => accepted,
    lastHeaders: (path) => headers.get(path),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
