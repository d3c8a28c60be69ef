import net from 'node:net';
import tls from 'node:tls';
import { HandleWire } from '../sockets/handle-wire.ts';
import { connectTo, newHandle, systemError } from '../sockets/inside.ts';
import { wireOf } from '../sockets/wire-of.ts';
import type { Wire } from '../tunnel/wire.ts';

/** Where a server listens, taken apart once. */
export interface ServerAddress {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly verifyTls: boolean;
  /** Whom to trust instead of the public authorities, worked out once; null for those. */
  readonly authorities: { readonly ca: string; readonly context: tls.SecureContext } | null;
}

/** A connection that is being made. */
export interface Connecting {
  /** Nobody waits for it any more; nothing is told of it. Nothing happens once it has been made. */
  abandon(): void;
}

/** The wire, or a sentence that says why there is none. */
export type Connected = (outcome: Wire | string) => void;

/** Connects to a server: over a handle where that is an address and plain TCP, and over public sockets otherwise, which know names and TLS. */
export function connectWire(server: ServerAddress, usesHandles: boolean, done: Connected): Connecting {
  const family = server.tls ? 0 : net.isIP(server.host);
  return usesHandles && family !== 0
    ? byHandle(server, family === 4 ? 4 : 6, done)
    : bySocket(server, usesHandles, done);
}

function byHandle({ host, port }: ServerAddress, family: 4 | 6, done: Connected): Connecting {
  const handle = newHandle('socket');
  let open = true;
  const connected = (status: number) => {
    if (!open) return;
    open = false;
    if (status === 0) {
      handle.setNoDelay(true);
      done(new HandleWire(handle));
      return;
    }
    handle.close();
    done(`${systemError(status, 'connect').message} ${host}:${port}`);
  };
  const begun = connectTo(handle, { host, port, family }, connected);
  // In a later turn, as for everybody else: no route, no descriptor, no port is left.
  if (begun !== 0) setImmediate(connected, begun);
  return {
    abandon: () => {
      if (!open) return;
      open = false;
      handle.close();
    },
  };
}

function bySocket(server: ServerAddress, usesHandles: boolean, done: Connected): Connecting {
  const { host, port } = server;
  // Half-open: the peer's FIN must not end our side while a close frame of ours is still to be sent.
  const options = { host, port, noDelay: true, allowHalfOpen: true, autoSelectFamily: true };
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const trust = server.authorities === null ? {} : { secureContext: server.authorities.context };
  const verified = { rejectUnauthorized: server.verifyTls, ALPNProtocols: ['http/1.1'] };
  const socket = server.tls ? tls.connect({ ...options, ...servername, ...trust, ...verified }) : net.connect(options);
  let open = true;
  const failed = (error: Error) => {
    if (open) done(error.message);
    open = false;
  };
  const closed = () => failed(new Error('the connection ended before an answer'));
  socket.on('error', failed);
  socket.on('close', closed);
  socket.once(server.tls ? 'secureConnect' : 'connect', () => {
    if (!open) return;
    open = false;
    socket.removeListener('error', failed);
    socket.removeListener('close', closed);
    done(wireOf(socket, usesHandles));
  });
  return {
    abandon: () => {
      if (!open) return;
      open = false;
      // An error may still come, of which nobody has to hear.
      socket.destroy();
    },
  };
}
