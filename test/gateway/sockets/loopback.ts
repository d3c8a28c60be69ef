/** Two wires of one kind, one at each end of a loopback connection, and what happens on them. */
import { on } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Handle } from '../../../src/gateway/inside/handle.ts';
import { connectTo, newHandle } from '../../../src/gateway/inside/handles.ts';
import { HandleWire } from '../../../src/gateway/sockets/handle-wire.ts';
import { SocketWire } from '../../../src/gateway/sockets/socket-wire.ts';
import type { Wire, WireListener } from '../../../src/gateway/tunnel/wire.ts';

export const wireKinds = ['handle', 'socket'] as const;
export type WireKind = (typeof wireKinds)[number];

/** One end of a pair: remembers all that the wire says. */
export class Witness implements WireListener {
  readonly wire: Wire;
  /** Ends the connection with RST, behind the wire's back. */
  readonly reset: () => void;
  readonly borrows?: true;
  readonly chunks: Buffer[] = [];
  /** What happened other than bytes, in order. */
  readonly ends: ('end' | 'closed' | 'error')[] = [];
  bytes = 0;
  drains = 0;
  onChange: () => void = () => undefined;

  constructor(wire: Wire, options: { readonly borrows: boolean; readonly reset: () => void }) {
    this.wire = wire;
    this.reset = options.reset;
    if (options.borrows) this.borrows = true;
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get over(): boolean {
    return this.ends.at(-1) === 'closed' || this.ends.at(-1) === 'error';
  }

  onBytes(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.chunks.push(this.borrows ? Buffer.from(chunk) : chunk);
    this.onChange();
  }

  onDrain(): void {
    this.drains++;
    this.onChange();
  }

  onEnd(): void {
    this.ends.push('end');
    this.onChange();
  }

  onClosed(error: Error | null): void {
    this.ends.push(error === null ? 'closed' : 'error');
    this.onChange();
  }
}

export interface Loopback {
  pair(options?: { readonly borrows?: boolean }): Promise<readonly [Witness, Witness]>;
  close(): void;
}

export async function loopback(kind: WireKind): Promise<Loopback> {
  return kind === 'handle' ? handles() : sockets();
}

function handles(): Loopback {
  const listener = listenWithHandles();
  const witness = (handle: Handle, borrows: boolean) =>
    new Witness(new HandleWire(handle), { borrows, reset: () => handle.reset() });
  return {
    pair: async ({ borrows = true } = {}) => {
      const [dialled, accepted] = await listener.pair();
      return [witness(dialled, borrows), witness(accepted, borrows)];
    },
    close: listener.close,
  };
}

/** Connected handles, of whoever dialled and of whoever accepted. */
export function listenWithHandles(): {
  readonly pair: () => Promise<readonly [Handle, Handle]>;
  readonly close: () => void;
} {
  const listener = newHandle('listener');
  listener.bind('127.0.0.1', 0);
  listener.listen(64);
  const bound = { address: '', port: 0 };
  listener.getsockname(bound);
  return {
    pair: async () => {
      const accepted: Handle[] = [];
      let onAccepted: () => void = () => undefined;
      listener.onconnection = (_status, handle) => {
        accepted.push(handle!);
        onAccepted();
      };
      const dialled = newHandle('socket');
      await new Promise((resolve) => connectTo(dialled, { host: '127.0.0.1', port: bound.port, family: 4 }, resolve));
      const own = { address: '', port: 0 };
      dialled.getsockname(own);
      for (;;) {
        const handle = accepted.shift();
        if (handle === undefined) await new Promise<void>((resolve) => (onAccepted = resolve));
        else if (peerPort(handle) === own.port) return [dialled, handle];
        else handle.close();
      }
    },
    close: () => listener.close(),
  };
}

/** Somebody else's test may dial a port that was another's a moment ago: only who was dialled here is the other end. */
function peerPort(handle: Handle): number {
  const peer = { address: '', port: 0 };
  handle.getpeername(peer);
  return peer.port;
}

async function sockets(): Promise<Loopback> {
  const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const witness = (socket: net.Socket, borrows: boolean) =>
    new Witness(new SocketWire(socket), { borrows, reset: () => socket.resetAndDestroy() });
  return {
    pair: async ({ borrows = true } = {}) => {
      const accepted = on(server, 'connection');
      const dialled = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      await new Promise((resolve) => dialled.once('connect', resolve));
      for await (const [socket] of accepted) {
        if (socket.remotePort === dialled.localPort) return [witness(dialled, borrows), witness(socket, borrows)];
        socket.destroy();
      }
      throw new Error('the server ended');
    },
    close: () => server.close(),
  };
}
