/**
 * Binds an address without listening on it, or takes a socket that the process was given: the supervisor keeps the
 * port for as long as it lives, the workers listen and accept. Node has no public call for this;
 * net._createServerHandle is the one that node:cluster itself uses in the primary process
 * (lib/internal/cluster/shared_handle.js), so it goes no sooner than that. A net.Server
 * would not do: it begins to accept as soon as it listens.
 */
import net from 'node:net';
import { HoldlineError } from '../../base/error.ts';

/** The part of a TCP or pipe handle that is used here. */
export interface RawListener {
  /** Of a port; a Unix socket has none. */
  getsockname?(out: { address?: string; port?: number }): number;
  getpeername?(out: object): number;
  close(): void;
}

type CreateServerHandle = (
  address: string | null,
  port: number | null,
  addressType: 4 | 6 | -1 | null,
  fd: number,
  flags: number,
) => RawListener | number;

/** `address` is an IP address. Returns the handle, or the negative error number of the system. */
export function bindRaw(address: string, port: number): RawListener | number {
  const handle = createHandle()(address, port, address.includes(':') ? 6 : 4, -1, 0);
  if (typeof handle === 'number') return handle;
  // libuv reports a taken port at the first use of the socket instead of at bind (uv__tcp_bind, delayed_error).
  const problem = handle.getsockname?.({}) ?? 0;
  if (problem === 0) return handle;
  handle.close();
  return problem;
}

/** `path` is that of a Unix socket, where nothing stands yet. Returns as `bindRaw`. */
export function bindRawPath(path: string): RawListener | number {
  return createHandle()(path, -1, -1, -1, 0);
}

/**
 * A descriptor that is open already, from here on the handle's. Returns as `bindRaw`; EINVAL for what is no stream
 * socket.
 */
export function adoptRaw(descriptor: number): RawListener | number {
  return createHandle()(null, null, null, descriptor, 0);
}

/** The socket that a server listens on, to be given to another process. */
export function handleOf(server: net.Server): unknown {
  return (server as unknown as { readonly _handle: unknown })._handle;
}

/** Node takes any object with a handle for one that is bound (server.listen(handle)). */
export function listenOn(server: net.Server, handle: unknown, onListening: () => void): void {
  server.listen({ _handle: handle } as never, onListening);
}

function createHandle(): CreateServerHandle {
  const create = (net as unknown as { _createServerHandle?: CreateServerHandle })._createServerHandle;
  if (typeof create === 'function') return create;
  throw new HoldlineError('listen-failed', `Node ${process.version} cannot bind an address without listening on it`, {
    help: 'use a Node version that Holdline is tested with: 20, 22, 24 or 26',
  });
}
