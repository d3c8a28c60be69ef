/** Servers that stand in for somebody's real ones: each answers with the request that it got. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** What a trial server saw. */
export interface SeenRequest {
  /** The address that it stands for. */
  readonly server: string;
  readonly method: string;
  readonly target: string;
  /** Name, value, name, value … */
  readonly headers: readonly string[];
}

export interface TrialServers {
  /** The port of the server that stands for an address. */
  readonly portOf: (address: string) => number;
  readonly close: () => Promise<void>;
}

/** The header by which a server says what it saw. */
export const seenHeader = 'x-holdline-seen';

export interface TrialAddress {
  readonly address: string;
  readonly tls: boolean;
}

export async function startTrialServers(
  addresses: readonly TrialAddress[],
  certificate: { readonly cert: string; readonly key: string } | null,
): Promise<TrialServers> {
  const servers = new Map<string, http.Server>();
  const sockets = new Set<Socket>();
  for (const { address, tls } of addresses) {
    if (servers.has(address)) continue;
    const server = tls && certificate !== null ? https.createServer(certificate) : http.createServer();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      response
        .writeHead(200, { [seenHeader]: seenBy(address, request), 'X-Powered-By': 'trial', 'X-User': 'ann' })
        .end('ok');
    });
    server.on('upgrade', (request: http.IncomingMessage, socket: Socket) => {
      socket.on('error', () => socket.destroy());
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${seenHeader}: ${seenBy(address, request)}\r\n\r\n`,
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.set(address, server);
  }
  return {
    portOf: (address) => (servers.get(address)?.address() as AddressInfo | undefined)?.port ?? 9,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...servers.values()].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function seenBy(server: string, { method = '', url = '', rawHeaders }: http.IncomingMessage): string {
  const seen: SeenRequest = { server, method, target: url, headers: rawHeaders };
  return Buffer.from(JSON.stringify(seen)).toString('base64');
}
