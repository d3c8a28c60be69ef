/** A bare TCP socket that remembers what came, for tests that send what no library would. */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface RawSocket {
  readonly socket: Socket;
  /** Everything that has come so far. */
  readonly received: Buffer;
  /** The peer has finished its side, or the socket is gone. */
  readonly ended: boolean;
  /** Resolves when the peer has finished its side or the socket is gone, and never rejects. */
  readonly over: Promise<void>;
  /** Resolves once `wanted` finds what it looks for in the bytes so far; rejects when the socket ends before. */
  until<Found>(wanted: (received: Buffer) => Found | null): Promise<Found>;
  write(bytes: Uint8Array | string): void;
  /** RST instead of FIN. */
  reset(): void;
}

export function rawSocket(socket: Socket): RawSocket {
  const chunks: Buffer[] = [];
  const waiters = new Set<() => void>();
  let ended = false;
  let resolveOver: () => void;
  const over = new Promise<void>((resolve) => {
    resolveOver = resolve;
  });
  const wake = () => {
    for (const waiter of [...waiters]) waiter();
  };
  const finish = () => {
    ended = true;
    resolveOver();
    wake();
  };
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    wake();
  });
  socket.on('end', finish);
  socket.on('close', finish);
  // A reset is one of the endings that tests look for: it shows as `ended`.
  socket.on('error', () => {});
  const received = () => {
    if (chunks.length > 1) chunks.splice(0, chunks.length, Buffer.concat(chunks));
    return chunks[0] ?? Buffer.alloc(0);
  };
  return {
    socket,
    get received() {
      return received();
    },
    get ended() {
      return ended;
    },
    over,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = wanted(received());
          if (found === null && !ended) return;
          waiters.delete(look);
          if (found !== null) resolve(found);
          else
            reject(new Error(`the socket ended after ${JSON.stringify(received().toString('latin1').slice(0, 300))}`));
        };
        waiters.add(look);
        look();
      }),
    write: (bytes) => void socket.write(bytes),
    reset: () => socket.resetAndDestroy(),
  };
}

/** Connects to loopback. Half-open, so that the peer's FIN does not end our side by itself. */
export async function dialRaw(port: number): Promise<RawSocket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  await once(socket, 'connect');
  return rawSocket(socket);
}

export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** How many connections have come. */
  readonly accepted: number;
  close(): Promise<void>;
}

export async function rawServer(onSocket: (socket: RawSocket) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onSocket(rawSocket(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get accepted() {
      return accepted;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A head's end, as an offset behind it; null while it has not come. */
export function headEnd(received: Buffer): number | null {
  const at = received.indexOf('\r\n\r\n');
  return at === -1 ? null : at + 4;
}

/** A port on which nobody listens: it was free a moment ago. */
export async function deadPort(): Promise<number> {
  const server = await rawServer(() => {});
  await server.close();
  return server.port;
}
