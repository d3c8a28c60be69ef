import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { HoldlineError } from '../../base/error.ts';
import type { SocketPlace } from '../../base/unix-socket.ts';
import { bindRaw, bindRawPath, type RawListener } from '../../gateway/inside/listener.ts';
import type { AddressSpec } from '../../spec/model.ts';
import { formatHostPort } from '../../spec/value/address.ts';
import { type PassedListener, standsAt } from './passed-listeners.ts';
import { checkPlace, nameBeside, putInPlace } from './socket-place.ts';

export interface BoundListener {
  readonly host: string;
  /** The real one: a port of 0 is filled in. */
  readonly port: number;
  /** Of a Unix socket. */
  readonly socketPath?: string;
  readonly handle: RawListener;
  /** Lets the address go. Whoever has the handle from here still listens. */
  close(): void;
}

export type ListenAddress = AddressSpec;

/** Sockets that somebody has opened already. */
export interface PassedSockets {
  readonly passed: readonly PassedListener[];
  /** One stands where nobody wants it. It is closed. */
  readonly onUnused: (listener: PassedListener) => void;
}

/**
 * Binds each address, or none of them. Where a passed socket stands, that one is taken. Throws the diagnostics of
 * `listenProblem`.
 */
export async function bindListeners(
  addresses: readonly ListenAddress[],
  { passed, onUnused }: PassedSockets = { passed: [], onUnused: () => undefined },
): Promise<BoundListener[]> {
  const bound: BoundListener[] = [];
  try {
    const wanted: { address: ListenAddress; ip: string; there: PassedListener | undefined }[] = [];
    for (const address of addresses) {
      const ip = await resolve(address);
      const there = passed.find((each) => standsAt(each, address.unix?.path ?? { host: ip, port: address.port }));
      wanted.push({ address, ip, there });
    }
    // Said before anything can fail: it may be why a port is taken.
    for (const each of passed) {
      if (wanted.some(({ there }) => there === each)) continue;
      each.handle.close();
      onUnused(each);
    }
    for (const { address, ip, there } of wanted)
      bound.push(there === undefined ? await bindListener(address, ip) : given(address, there));
  } catch (error) {
    for (const listener of bound) listener.close();
    throw error;
  }
  return bound;
}

/**
 * Listens on the address for a moment. Two sockets can be bound to one port as long as neither listens, so binding
 * alone would not find the program that holds the port, and would find a second supervisor only in its workers.
 */
export async function checkListenable(address: ListenAddress): Promise<void> {
  if (address.unix !== undefined) {
    await checkPlace(address.unix);
    return;
  }
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error.code ?? '', address, error)));
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => server.close(() => resolve()));
  });
}

/** What a failed listen means, by the system's name of the error. */
export function listenProblem(name: string, address: ListenAddress, cause?: unknown): HoldlineError {
  const shown = formatHostPort(address);
  const options = cause === undefined ? {} : { cause };
  switch (name) {
    case 'EADDRINUSE':
      return new HoldlineError('listen-port-taken', `another program listens on ${shown} already`, options);
    case 'EACCES':
      return new HoldlineError('listen-not-permitted', `this user may not listen on ${shown}`, options);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new HoldlineError('listen-address-unknown', `${address.host} is not an address of this machine`, options);
    default:
      return new HoldlineError('listen-failed', `cannot listen on ${shown} (${name})`, options);
  }
}

async function bindListener(address: ListenAddress, ip: string): Promise<BoundListener> {
  if (address.unix !== undefined) return bindSocket(address, address.unix);
  if (address.port !== 0) await checkListenable({ host: ip, port: address.port });
  const handle = bindRaw(ip, address.port);
  if (typeof handle === 'number') throw listenProblem(getSystemErrorName(handle), address);
  const name: { port?: number } = {};
  handle.getsockname?.(name);
  return { host: address.host, port: name.port ?? address.port, handle, close: () => handle.close() };
}

/** The file of a Unix socket is left to whoever made it. */
function given({ host, port, unix }: ListenAddress, { handle }: PassedListener): BoundListener {
  const where = unix === undefined ? { host, port } : { host, port, socketPath: unix.path };
  return { ...where, handle, close: () => handle.close() };
}

async function bindSocket(address: ListenAddress, place: SocketPlace): Promise<BoundListener> {
  await checkPlace(place);
  const handle = bindRawPath(nameBeside(place));
  if (typeof handle === 'number') throw listenProblem(getSystemErrorName(handle), address);
  try {
    const placed = putInPlace(place);
    const close = () => {
      placed.remove();
      handle.close();
    };
    return { host: address.host, port: 0, socketPath: place.path, handle, close };
  } catch (error) {
    handle.close();
    if (error instanceof HoldlineError) throw error;
    throw listenProblem((error as NodeJS.ErrnoException).code ?? '', address, error);
  }
}

/** Of a Unix socket, what stands in place of a host. */
async function resolve(address: ListenAddress): Promise<string> {
  if (address.unix !== undefined || net.isIP(address.host) !== 0) return address.host;
  try {
    return (await lookup(address.host)).address;
  } catch (error) {
    throw listenProblem((error as NodeJS.ErrnoException).code ?? '', address, error);
  }
}
