/**
 * Sockets that the service manager has opened: it may listen on port 443 where the edge may not, and keeps them while
 * the edge is restarted.
 */
import { fstatSync, readlinkSync } from 'node:fs';
import { isIP } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { adoptRaw, type RawListener } from '../../gateway/inside/listener.ts';
import { readText } from '../../host/proc.ts';
import type { PassedSocket } from '../service/environment.ts';

export interface PassedListener {
  /** As its unit calls it. */
  readonly name: string;
  /** Where it listens, as people write it: `0.0.0.0:443`, `unix:/run/edge.sock`. */
  readonly shown: string;
  readonly place: { readonly ip: string; readonly port: number } | { readonly path: string };
  readonly handle: RawListener;
}

export interface PassedListeners {
  readonly listeners: readonly PassedListener[];
  /** What was passed and is of no use, with the reason. */
  readonly useless: readonly { readonly name: string; readonly why: string }[];
}

export function openPassed(sockets: readonly PassedSocket[]): PassedListeners {
  const listeners: PassedListener[] = [];
  const useless: { name: string; why: string }[] = [];
  for (const socket of sockets) {
    if (!isOpen(socket.descriptor)) {
      // They are passed in a row: there are no more.
      useless.push({ name: socket.name, why: 'it is not open, nor are those after it looked at' });
      break;
    }
    const opened = open(socket);
    if (typeof opened === 'string') useless.push({ name: socket.name, why: opened });
    else listeners.push(opened);
  }
  return { listeners, useless };
}

/**
 * Whether a listener stands where the spec wants one. systemd writes `ListenStream=80` for all addresses, those of IPv4
 * included.
 */
export function standsAt(
  listener: PassedListener,
  wanted: { readonly host: string; readonly port: number } | string,
): boolean {
  const { place } = listener;
  if (typeof wanted === 'string') return 'path' in place && place.path === wanted;
  if ('path' in place || place.port !== wanted.port) return false;
  return place.ip === wanted.host || (place.ip === '::' && wanted.host === '0.0.0.0');
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

/** A string says why it cannot be used. */
function open({ descriptor, name }: PassedSocket): PassedListener | string {
  // Whoever counts too many sockets means pipes of Node's own, which would be taken, and closed as useless: the process
  // would abort.
  if (!fstatSync(descriptor).isSocket()) return 'it is not a stream socket';
  const handle = adoptRaw(descriptor);
  if (typeof handle === 'number') {
    const problem = getSystemErrorName(handle);
    return problem === 'EINVAL' ? 'it is not a stream socket' : `it cannot be used (${problem})`;
  }
  const place = handle.getsockname === undefined ? unixPlace(descriptor) : tcpPlace(handle);
  if (typeof place !== 'string') {
    const shown =
      'path' in place ? `unix:${place.path}` : `${isIP(place.ip) === 6 ? `[${place.ip}]` : place.ip}:${place.port}`;
    return { name, shown, place, handle };
  }
  handle.close();
  return place;
}

function tcpPlace(handle: RawListener): PassedListener['place'] | string {
  const out: { address?: string; port?: number } = {};
  // Accept=yes passes connections.
  if (handle.getpeername?.({}) === 0) return 'it is a connection, not a listener';
  const problem = handle.getsockname!(out);
  if (problem !== 0 || out.address === undefined || out.port === undefined)
    return `its address is not known (${getSystemErrorName(problem)})`;
  return { ip: out.address, port: out.port };
}

/** Flag of a socket that listens, in the fourth column of /proc/net/unix (include/linux/net.h, __SO_ACCEPTCON). */
const accepts = 0x10000;

/** Node does not tell the path of a Unix socket; the kernel's table has it, by the number of the socket. */
function unixPlace(descriptor: number): PassedListener['place'] | string {
  let inode: string | undefined;
  try {
    inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1];
  } catch {
    // Without /proc; said below.
  }
  // Num RefCount Protocol Flags Type St Inode Path
  const row = (readText('/proc/net/unix') ?? '').split('\n').find((line) => line.trim().split(/\s+/)[6] === inode);
  const [, , , flags, , , , ...rest] = row?.trim().split(/\s+/) ?? [];
  if (inode === undefined || flags === undefined || rest.length === 0) return 'its path is not known';
  if ((Number.parseInt(flags, 16) & accepts) === 0) return 'it does not listen';
  return { path: rest.join(' ') };
}
