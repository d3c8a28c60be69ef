/**
 * What the kernel counts of each TCP connection, by way of `ss` of iproute2: /proc/net/tcp has no bytes and no times.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface TcpTraffic {
  /** The other end. */
  readonly remote: string;
  readonly remotePort: number;
  /** Acknowledged by the other end; with TLS, encrypted bytes. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Since the last data in either direction. */
  readonly idleMs: number;
  readonly rttMs: number | null;
}

/** Longest answer that is read: 500 bytes a connection make 128 MB of 250,000. */
const answerBytesMax = 134_217_728;
const patienceMs = 10_000;

/** null where iproute2 is not installed. `searchPath`: as in PATH. */
export function findSs(searchPath: string): string | null {
  const folders = [...searchPath.split(':').filter((each) => each !== ''), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  return folders.map((folder) => path.join(folder, 'ss')).find((file) => existsSync(file)) ?? null;
}

/** Of the established connections to one of the ports of this machine. null when ss failed. */
export async function readTraffic(ss: string, ports: ReadonlySet<number>): Promise<TcpTraffic[] | null> {
  const filter = [...ports].map((port) => `sport = :${port}`).join(' or ');
  const answer = await new Promise<string | null>((resolve) => {
    const args = ['-tniOH', 'state', 'established', `( ${filter} )`];
    execFile(ss, args, { maxBuffer: answerBytesMax, timeout: patienceMs }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });
  if (answer === null) return null;
  return answer.split('\n').flatMap((line) => {
    const traffic = readTrafficLine(line);
    return traffic === null ? [] : [traffic];
  });
}

/**
 * A line of `ss -tniOH`. What the kernel has nothing to say of is left out there: nothing sent, or sent a moment ago.
 */
export function readTrafficLine(line: string): TcpTraffic | null {
  const [, , , remote, ...facts] = line.trim().split(/\s+/);
  const place = /^\[?([0-9A-Fa-f:.]+)(?:%\w+)?\]?:(\d+)$/.exec(remote ?? '');
  if (place === null) return null;
  const values = new Map<string, string>();
  for (const fact of facts) {
    const colon = fact.indexOf(':');
    if (colon > 0) values.set(fact.slice(0, colon), fact.slice(colon + 1));
  }
  const number = (name: string) => Number.parseFloat(values.get(name) ?? '') || 0;
  return {
    remote: place[1]!,
    remotePort: Number(place[2]),
    sentBytes: number('bytes_acked'),
    receivedBytes: number('bytes_received'),
    idleMs: Math.min(number('lastsnd'), number('lastrcv')),
    rttMs: values.has('rtt') ? number('rtt') : null,
  };
}
