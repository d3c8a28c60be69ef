/**
 * Pairs whose one end is a server's side of TLS, over its handle or over a public socket. The other end is Node's own
 * client, the same for both kinds.
 */
import type { Socket } from 'node:net';
import tls from 'node:tls';
import type { Handle } from '../../../src/gateway/inside/handle.ts';
import { publicSocket } from '../../../src/gateway/inside/handles.ts';
import { secured } from '../../../src/gateway/inside/tls.ts';
import { selfSigned } from '../../../src/gateway/inside/trial-certificate.ts';
import { HandleWire } from '../../../src/gateway/sockets/handle-wire.ts';
import { SocketWire } from '../../../src/gateway/sockets/socket-wire.ts';
import type { Wire } from '../../../src/gateway/tunnel/wire.ts';
import { type Loopback, listenWithHandles, type WireKind, Witness } from './loopback.ts';

const context = tls.createSecureContext({ ...selfSigned('localhost'), minVersion: 'TLSv1.2' });
const terms = { context, contextsFor: null, asksClients: false };

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export function tlsLoopback(kind: WireKind, version: TlsVersion): Loopback {
  const listener = listenWithHandles();
  return {
    pair: async ({ borrows = true } = {}) => {
      const [dialled, accepted] = await listener.pair();
      const near = tls.connect({
        socket: open(dialled),
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
      });
      // What a server says by itself is over then: a reset that meets a write of TLS itself is lost on Node, whoever
      // reads. Not within that event, where OpenSSL is in the middle of it.
      const ready = new Promise((resolve) => near.once('session', () => setImmediate(resolve)));
      const other = new Witness(await farWires[kind](accepted), { borrows, reset: () => accepted.reset() });
      other.wire.start(other, null);
      await ready;
      return [new Witness(new SocketWire(near), { borrows, reset: () => dialled.reset() }), other];
    },
    close: listener.close,
  };
}

const farWires: { readonly [Kind in WireKind]: (handle: Handle) => Promise<Wire> } = {
  // As the edge does it: TLS is laid over a handle whose first bytes were read without it.
  handle: (handle) => {
    const plain = new HandleWire(handle);
    const nothing = () => undefined;
    return new Promise((resolve) => {
      const onBytes = (first: Buffer) => {
        const secure = secured(plain.surrender().handle, terms);
        const wire = new HandleWire(secure);
        secure.receive(first);
        resolve(wire);
      };
      plain.start({ onBytes, onDrain: nothing, onEnd: nothing, onClosed: nothing }, null);
    });
  },
  socket: async (handle) => new SocketWire(new tls.TLSSocket(open(handle), { isServer: true, secureContext: context })),
};

function open(handle: Handle): Socket {
  const socket = publicSocket(handle, { unread: new Uint8Array(0), ended: false });
  // What goes wrong is told by TLS above it.
  socket.on('error', () => undefined);
  return socket;
}
