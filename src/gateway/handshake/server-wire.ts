import net from 'node:net';
import tls from 'node:tls';
import type { Handle } from '../inside/handle.ts';
import { connectTo, connectToPath, newHandle, systemError, withoutDelay } from '../inside/handles.ts';
import { HandleWire } from '../sockets/handle-wire.ts';
import { wireOf } from '../sockets/wire-of.ts';
import type { Wire } from '../tunnel/wire.ts';

/** Where a server listens, taken apart once. */
export interface ServerAddress {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Of a Unix socket, in place of host and port; null for TCP. */
  readonly socketPath: string | null;
  /** Scheme, host and port as the server calls itself: by its name, where it was found by one. */
  readonly origin: string;
  /** What TLS asks for, and what the certificate is checked for; null for an address without a name. */
  readonly servername: string | null;
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

/**
 * Connects to a server: over a handle where that is an address or a path and no TLS, and over public sockets otherwise,
 * which know names and TLS.
 */
export function connectWire(server: ServerAddress, usesHandles: boolean, done: Connected): Connecting {
  const { host, port, socketPath } = server;
  if (usesHandles && socketPath !== null)
    return byHandle(newHandle('socket', 'unix'), socketPath, done, (handle, connected) =>
      connectToPath(handle, socketPath, connected),
    );
  const family = server.tls ? 0 : net.isIP(host);
  if (!usesHandles || family === 0) return bySocket(server, usesHandles, done);
  return byHandle(newHandle('socket'), `${host}:${port}`, done, (handle, connected) =>
    connectTo(handle, { host, port, family: family === 4 ? 4 : 6 }, connected),
  );
}

function byHandle(
  handle: Handle,
  place: string,
  done: Connected,
  begin: (handle: Handle, connected: (status: number) => void) => number,
): Connecting {
  let open = true;
  const connected = (status: number) => {
    if (!open) return;
    open = false;
    if (status === 0) {
      withoutDelay(handle);
      done(new HandleWire(handle));
      return;
    }
    handle.close();
    done(`${systemError(status, 'connect').message} ${place}`);
  };
  const begun = begin(handle, connected);
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
  const { host, port, socketPath } = server;
  // Half-open: the peer's FIN must not end our side while a close frame of ours is still to be sent.
  const place = socketPath === null ? { host, port, noDelay: true, autoSelectFamily: true } : { path: socketPath };
  const options = { ...place, allowHalfOpen: true };
  const servername = server.servername === null ? {} : { servername: server.servername };
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
