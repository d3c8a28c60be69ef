import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { HoldlineError } from '../base/error.ts';
import { bindRaw, type RawListener } from './raw-listener.ts';

export interface BoundListener {
  readonly host: string;
  /** The real one: a port of 0 is filled in. */
  readonly port: number;
  readonly handle: RawListener;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Binds each address, or none of them. Throws the diagnostics of `listenProblem`. */
export async function bindListeners(addresses: readonly ListenAddress[]): Promise<BoundListener[]> {
  const bound: BoundListener[] = [];
  try {
    for (const address of addresses) bound.push(await bindListener(address));
  } catch (error) {
    for (const listener of bound) listener.handle.close();
    throw error;
  }
  return bound;
}

/**
 * Listens on the address for a moment. Two sockets can be bound to one port as long as neither listens, so binding
 * alone would not find the program that holds the port, and would find a second supervisor only in its workers.
 */
export async function checkListenable(address: ListenAddress): Promise<void> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error.code ?? '', address, error)));
    server.listen({ ...address, exclusive: true }, () => server.close(() => resolve()));
  });
}

/** What a failed listen means, by the system's name of the error. */
export function listenProblem(name: string, address: ListenAddress, cause?: unknown): HoldlineError {
  const shown = `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
  const options = cause === undefined ? {} : { cause };
  switch (name) {
    case 'EADDRINUSE':
      return new HoldlineError('listen-port-taken', `another program listens on ${shown} already`, options);
    case 'EACCES':
      return new HoldlineError('listen-not-permitted', `this user may not listen on ${shown}`, options);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new HoldlineError('listen-address-unknown', `${address.host} is no address of this machine`, options);
    default:
      return new HoldlineError('listen-failed', `cannot listen on ${shown} (${name})`, options);
  }
}

async function bindListener(address: ListenAddress): Promise<BoundListener> {
  const ip = await resolve(address);
  if (address.port !== 0) await checkListenable({ host: ip, port: address.port });
  const handle = bindRaw(ip, address.port);
  if (typeof handle === 'number') throw listenProblem(getSystemErrorName(handle), address);
  const name: { port?: number } = {};
  handle.getsockname(name);
  return { host: address.host, port: name.port ?? address.port, handle };
}

async function resolve(address: ListenAddress): Promise<string> {
  if (net.isIP(address.host) !== 0) return address.host;
  try {
    return (await lookup(address.host)).address;
  } catch (error) {
    throw listenProblem((error as NodeJS.ErrnoException).code ?? '', address, error);
  }
}
