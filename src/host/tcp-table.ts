/**
 * The kernel's table of TCP sockets, /proc/PID/net/tcp and tcp6: read in pieces, because a busy host has a million
 * lines.
 */
import { closeSync, openSync, readSync } from 'node:fs';

export interface TcpSocket {
  readonly localPort: number;
  /** Address and port as the kernel writes them; equal texts are equal addresses. */
  readonly remote: string;
  readonly remotePort: number;
  readonly state: 'established' | 'listening' | 'time-wait' | 'other';
  /** 0 for TIME_WAIT, which no process has. */
  readonly inode: number;
  /** Of a listening socket: connections that wait to be accepted. */
  readonly waiting: number;
}

const states: Readonly<Record<string, TcpSocket['state']>> = {
  '01': 'established',
  '0A': 'listening',
  '06': 'time-wait',
};
const pieceBytes = 262_144;

/** Calls `visit` for each socket of the process's network namespace; for none where there is no such table. */
export function visitTcpSockets(pid: number, visit: (socket: TcpSocket) => void): void {
  for (const name of ['tcp', 'tcp6'])
    visitLines(`/proc/${pid}/net/${name}`, (line) => {
      const socket = readLine(line);
      if (socket !== null) visit(socket);
    });
}

function readLine(line: string): TcpSocket | null {
  const match =
    /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]+:([0-9A-F]{4})) ([0-9A-F]{2}) [0-9A-F]+:([0-9A-F]+) \S+ \S+\s+\d+\s+\d+ (\d+)/.exec(
      line,
    );
  if (match === null) return null;
  const [, localPort, remote, remotePort, state, waiting, inode] = match;
  return {
    localPort: Number.parseInt(localPort!, 16),
    remote: remote!,
    remotePort: Number.parseInt(remotePort!, 16),
    state: states[state!] ?? 'other',
    inode: Number(inode),
    waiting: Number.parseInt(waiting!, 16),
  };
}

/**
 * An address as the kernel writes it (`0100007F:1F90`: words in the order of the processor’s bytes) as people do:
 * `127.0.0.1`, `::1`.
 */
export function readableAddress(remote: string): string {
  const hex = remote.slice(0, remote.lastIndexOf(':'));
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).toReversed());
  if (bytes.length === 4) return decimal(bytes);
  // An IPv4 client of a socket for both families.
  if (bytes.slice(0, 12).join('') === '00000000000000000000FFFF') return decimal(bytes.slice(12));
  const groups = Array.from({ length: 8 }, (_, index) => `${bytes[2 * index]}${bytes[2 * index + 1]}`);
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function decimal(bytes: readonly string[]): string {
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}

function visitLines(file: string, visit: (line: string) => void): void {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    // No IPv6, no Linux, or the process has ended: there are no sockets to see.
    return;
  }
  try {
    const piece = Buffer.alloc(pieceBytes);
    let rest = '';
    for (let count = readSync(descriptor, piece); count > 0; count = readSync(descriptor, piece)) {
      const lines = (rest + piece.toString('latin1', 0, count)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) visit(line);
    }
  } finally {
    closeSync(descriptor);
  }
}
