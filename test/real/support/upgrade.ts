/**
 * The two ends around a proxy, byte for byte: a server that upgrades as Node does, and a client that shows what it
 * gets.
 */
import { once } from 'node:events';
import net from 'node:net';

export interface TestServer {
  readonly port: number;
  /** Heads of all requests so far, in order. */
  readonly requests: string[];
  /** TCP connections accepted so far. */
  readonly accepted: () => number;
  /** Sockets that were upgraded, in order. */
  readonly tunnels: net.Socket[];
  readonly close: () => Promise<void>;
}

export interface TestServerOptions {
  /** Which requests get a 101. Default: those that ask for a WebSocket as RFC 6455 wants it. */
  readonly upgrades?: (head: string) => boolean;
  /** Requests whose path begins with this are never answered. */
  readonly silentPath?: string;
}

/** Echoes what arrives after the 101. Other requests get 200 with `plain`, and the connection stays. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { upgrades = asksForWebSocket, silentPath } = options;
  const requests: string[] = [];
  const tunnels: net.Socket[] = [];
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  const server = net.createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    let head = '';
    const read = (bytes: Buffer) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const request = head;
      head = '';
      requests.push(request);
      if (silentPath !== undefined && request.startsWith(`GET ${silentPath}`)) return;
      if (!upgrades(request)) {
        // As Node does: a client that says close gets its connection closed.
        const close = /^connection: close\r$/im.test(request);
        const answer = `HTTP/1.1 200 OK\r\n${close ? 'Connection: close\r\n' : ''}Content-Length: 5\r\n\r\nplain`;
        if (close) socket.end(answer);
        else socket.write(answer);
        return;
      }
      socket.off('data', read);
      tunnels.push(socket);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.on('data', (message) => socket.write(message));
    };
    socket.on('data', read);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    requests,
    accepted: () => accepted,
    tunnels,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function asksForWebSocket(head: string): boolean {
  return /^upgrade: websocket\r$/im.test(head) && /^connection:.*\bupgrade\b/im.test(head);
}

export interface Exchange {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly head: string;
  readonly socket: net.Socket;
  /** Bytes after the head so far. */
  readonly received: () => Buffer;
  readonly isOpen: () => boolean;
  readonly closed: Promise<void>;
}

export const webSocketHeaders = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
} as const;

/** Sends a handshake (or, with other headers, another request) and resolves with the head of the answer. */
export async function exchange(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = webSocketHeaders,
  method = 'GET',
): Promise<Exchange> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  // Not once(): that rejects on an error, and a reset is an ordinary end here.
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const lines = Object.entries({ Host: 'app.example.com', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  let bytes = Buffer.alloc(0);
  let headEnd = -1;
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (headEnd < 0) headEnd = bytes.indexOf('\r\n\r\n');
      if (headEnd >= 0) resolve();
    });
  });
  // nginx half-closes nothing: an end from its side is the end.
  socket.once('end', () => socket.destroy());
  const head = headEnd < 0 ? '' : bytes.subarray(0, headEnd).toString('latin1');
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0),
    head,
    socket,
    received: () => bytes.subarray(headEnd + 4),
    isOpen: () => !socket.destroyed,
    closed,
  };
}

/** Headers of an ordinary request on a connection of its own. */
export const plainHeaders = { Connection: 'close' } as const;

/** Waits until `count` bytes after the head have arrived; rejects when the connection closes before. */
export async function receive(connection: Exchange, count: number): Promise<Buffer> {
  while (connection.received().length < count) {
    if (!connection.isOpen()) throw new Error(`closed after ${connection.received().length} of ${count} bytes`);
    await Promise.race([once(connection.socket, 'data'), connection.closed]);
  }
  return connection.received();
}

/** A round trip through the echo: true when the connection really works. */
export async function echoes(connection: Exchange, text = 'ping'): Promise<boolean> {
  const before = connection.received().length;
  connection.socket.write(text);
  const all = await receive(connection, before + text.length);
  return all.subarray(before).toString('latin1') === text;
}
