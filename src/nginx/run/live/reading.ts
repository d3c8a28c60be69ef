/** A look at a running nginx: what its workers hold, generation by generation, and what its counters say. */
import { setTimeout as delay } from 'node:timers/promises';
import { isLoopbackHost } from '../../../base/address.ts';
import { HoldlineError } from '../../../base/error.ts';
import { childrenOf, type ProcessFacts, readProcess } from '../../../host/process-facts.ts';
import { visitTcpSockets } from '../../../host/tcp-table.ts';
import type { ConfigReader } from '../../syntax/reader.ts';
import { configurationOf, isOld, isWorker, type LiveConfiguration, masterListeningOn, masterOf } from './master.ts';
import { readStubStatus, type StubStatus } from './status.ts';

export interface LiveWorker {
  readonly pid: number;
  readonly old: boolean;
  readonly startedAtSeconds: number;
  readonly memoryBytes: number;
  readonly memoryKind: ProcessFacts['memoryKind'];
  /** Processors busy between the two looks. */
  readonly coresBusy: number;
  /** null: another user's process. */
  readonly descriptors: number | null;
  readonly descriptorsLimit: number | null;
  /** Sockets of clients, of servers, and listening ones; each takes a slot of worker_connections. */
  readonly clients: number;
  readonly servers: number;
  readonly listening: number;
}

export interface LiveReading {
  readonly masterPid: number | null;
  readonly configuration: LiveConfiguration | null;
  readonly workers: readonly LiveWorker[];
  readonly status: StubStatus | null;
  /**
   * For each address of a server: local ports taken by open connections and by those that closed in the last minute.
   */
  readonly portsByServer: ReadonlyMap<string, number>;
  /** Connections that wait to be accepted. */
  readonly waiting: number;
}

export interface LiveRequest {
  /** A process id, or the URL of a page of stub_status. */
  readonly target: string;
  readonly reader: ConfigReader;
  /** Time between the two looks that processor use is taken from. */
  readonly intervalMs: number;
}

/** Throws live-unreadable when there is no nginx to be seen. */
export async function readLive({ target, reader, intervalMs }: LiveRequest): Promise<LiveReading> {
  const isPid = /^\d+$/.test(target);
  const url = isPid ? null : readUrl(target);
  const master = isPid
    ? masterOf(Number(target))
    : isLoopbackHost(url!.hostname)
      ? masterListeningOn(portOf(url!))
      : null;
  if (isPid && master === null)
    throw new HoldlineError('live-unreadable', `process ${target} is not an nginx that can be seen from here`);
  const configuration = master === null ? null : configurationOf(master, reader);
  const statusUrl = url?.href ?? configuration?.statusUrl ?? null;
  const before = workersOf(master);
  await delay(intervalMs);
  // The counters first: whoever comes between the two looks is then a socket without a count, and not a leak.
  const status = statusUrl === null ? null : await statusOrNull(statusUrl, url !== null);
  const after = workersOf(master);
  const sockets = master === null ? null : countSockets(master, after, configuration?.listenPorts ?? []);
  return {
    masterPid: master?.pid ?? null,
    configuration,
    status,
    workers: after.map((worker) =>
      liveWorker(
        worker,
        before.find(({ pid }) => pid === worker.pid),
        sockets!,
        intervalMs,
      ),
    ),
    portsByServer: sockets?.portsByServer ?? new Map(),
    waiting: sockets?.waiting ?? 0,
  };
}

function readUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new HoldlineError('live-unreadable', `${JSON.stringify(text)} is neither a process id nor a URL`);
  return new URL(text);
}

/** A URL that the user named has to answer; one that a configuration names may belong to another network. */
async function statusOrNull(url: string, isAsked: boolean): Promise<StubStatus | null> {
  try {
    return await readStubStatus(url);
  } catch (error) {
    if (isAsked || !(error instanceof HoldlineError)) throw error;
    return null;
  }
}

function workersOf(master: ProcessFacts | null): ProcessFacts[] {
  if (master === null) return [];
  return childrenOf(master.pid).flatMap((pid) => {
    const facts = readProcess(pid);
    return facts !== null && isWorker(facts) ? [facts] : [];
  });
}

interface Sockets {
  readonly byWorker: ReadonlyMap<number, { clients: number; servers: number; listening: number }>;
  readonly portsByServer: Map<string, number>;
  readonly waiting: number;
}

function countSockets(master: ProcessFacts, workers: readonly ProcessFacts[], configured: readonly number[]): Sockets {
  const ownerOf = new Map<number, number[]>();
  for (const { pid, descriptors } of workers)
    for (const inode of descriptors?.sockets ?? []) ownerOf.set(inode, [...(ownerOf.get(inode) ?? []), pid]);
  const byWorker = new Map(workers.map(({ pid }) => [pid, { clients: 0, servers: 0, listening: 0 }]));
  const listenPorts = new Set(configured);
  const toServers: { remote: string; remotePort: number; state: string; localPort: number; owners: number[] }[] = [];
  let waiting = 0;
  visitTcpSockets(master.pid, ({ inode, localPort, remote, remotePort, state, waiting: queued }) => {
    const owners = ownerOf.get(inode) ?? [];
    if (state === 'listening') {
      if (owners.length === 0) return;
      listenPorts.add(localPort);
      waiting += queued;
      for (const pid of owners) byWorker.get(pid)!.listening++;
      return;
    }
    if (owners.length > 0 || state === 'time-wait') toServers.push({ remote, remotePort, state, localPort, owners });
  });
  // Listening ports are only known now; sockets on them are clients, all others lead to servers.
  const portsByServer = new Map<string, number>();
  const serverAddresses = new Set<string>();
  for (const { localPort, remote, owners } of toServers)
    for (const pid of owners) {
      const isClient = listenPorts.has(localPort);
      byWorker.get(pid)![isClient ? 'clients' : 'servers']++;
      if (!isClient) serverAddresses.add(remote);
    }
  for (const { remote, localPort } of toServers)
    if (serverAddresses.has(remote) && !listenPorts.has(localPort))
      portsByServer.set(remote, (portsByServer.get(remote) ?? 0) + 1);
  return { byWorker, portsByServer, waiting };
}

function liveWorker(
  now: ProcessFacts,
  before: ProcessFacts | undefined,
  sockets: Sockets,
  intervalMs: number,
): LiveWorker {
  const { pid, startedAtSeconds, memoryBytes, memoryKind, descriptors, descriptorsLimit, cpuSeconds } = now;
  const used = before === undefined ? 0 : cpuSeconds - before.cpuSeconds;
  return {
    pid,
    old: isOld(now),
    startedAtSeconds,
    memoryBytes,
    memoryKind,
    coresBusy: (used * 1000) / Math.max(1, intervalMs),
    descriptors: descriptors?.open ?? null,
    descriptorsLimit,
    ...sockets.byWorker.get(pid)!,
  };
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
