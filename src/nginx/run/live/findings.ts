/** What a look at a running nginx means: how far it is from each limit, and what its odd numbers are. */
import { catalogue } from '../../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../../base/diagnostic.ts';
import { formatDuration } from '../../../base/units.ts';
import { formatBytes } from '../../../plan/nginx/changes.ts';
import { num } from '../../../plan/nginx/figure.ts';
import { type MachineFacts, memoryCapBytes, portRange } from '../../../plan/nginx/machine.ts';
import type { LiveReading, LiveWorker } from './reading.ts';

export interface LiveLimit {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
  readonly unit: 'count' | 'bytes' | 'cores';
  /** What to do when it is near. */
  readonly raise: string;
}

/** Workers that were started together: by one start or one reload. */
export interface Generation {
  readonly old: boolean;
  readonly workers: readonly LiveWorker[];
  readonly clients: number;
  readonly memoryBytes: number;
  readonly startedAtSeconds: number;
}

export type LiveCode = 'live-limit-near' | 'live-limit-reached' | 'live-old-generation' | 'live-counter-leaked';

const nearShare = 0.8;

export function liveLimits({ workers, configuration, portsByServer }: LiveReading, machine: MachineFacts): LiveLimit[] {
  const limits: LiveLimit[] = [];
  const fullest = most(workers, slotsOf);
  if (fullest !== null && configuration !== null)
    limits.push({
      name: `slots of worker ${fullest.pid}, the fullest: ${num(fullest.clients)} clients, ${num(fullest.servers)} servers`,
      used: slotsOf(fullest),
      limit: configuration.workerConnections,
      unit: 'count',
      raise: 'worker_connections, and worker_rlimit_nofile with it; a WebSocket takes two',
    });
  const open = most(
    workers,
    ({ descriptors, descriptorsLimit }) => (descriptors ?? 0) / (descriptorsLimit ?? Number.POSITIVE_INFINITY),
  );
  if (open !== null && open.descriptors !== null && open.descriptorsLimit !== null)
    limits.push({
      name: `descriptors of worker ${open.pid}`,
      used: open.descriptors,
      limit: open.descriptorsLimit,
      unit: 'count',
      raise: 'worker_rlimit_nofile, and LimitNOFILE in the unit file, which bounds it',
    });
  if (workers.length > 0)
    limits.push({
      name: 'memory of all workers, the kernel’s for their sockets apart',
      used: sum(workers, ({ memoryBytes }) => memoryBytes),
      limit: memoryCapBytes(machine),
      unit: 'bytes',
      raise: 'memory, or fewer generations at once (worker_shutdown_timeout, fewer reloads), or smaller buffers',
    });
  const ports = Math.max(0, ...portsByServer.values());
  if (ports > 0)
    limits.push({
      name: 'local ports towards the server with most connections',
      used: ports,
      limit: portRange(machine),
      unit: 'count',
      raise:
        'more server addresses, proxy_bind with more local addresses, unix sockets, or net.ipv4.ip_local_port_range',
    });
  const busiest = most(workers, ({ coresBusy }) => coresBusy);
  if (busiest !== null)
    limits.push({
      name: `processor time of worker ${busiest.pid}, the busiest`,
      used: busiest.coresBusy,
      limit: 1,
      unit: 'cores',
      raise: 'worker_processes up to the number of processors; a connection stays on its worker, so only new ones move',
    });
  return limits;
}

export function generationsOf(workers: readonly LiveWorker[]): Generation[] {
  const groups: LiveWorker[][] = [];
  for (const worker of workers.toSorted(
    (a, b) => Number(a.old) - Number(b.old) || b.startedAtSeconds - a.startedAtSeconds,
  )) {
    const last = groups.at(-1);
    // Workers of one generation are forked within a moment.
    const together =
      last !== undefined && last[0]!.old === worker.old && last[0]!.startedAtSeconds - worker.startedAtSeconds < 1;
    if (together) last.push(worker);
    else groups.push([worker]);
  }
  return groups.map((group) => ({
    old: group[0]!.old,
    workers: group,
    clients: sum(group, ({ clients }) => clients),
    memoryBytes: sum(group, ({ memoryBytes }) => memoryBytes),
    startedAtSeconds: group[0]!.startedAtSeconds,
  }));
}

export function liveFindings(reading: LiveReading, machine: MachineFacts): Diagnostic<LiveCode>[] {
  return [...limitFindings(reading, machine), ...counterFindings(reading), ...generationFindings(reading)];
}

function limitFindings(reading: LiveReading, machine: MachineFacts): Diagnostic<LiveCode>[] {
  return liveLimits(reading, machine).flatMap(({ name, used, limit, unit, raise }) => {
    if (used < limit * nearShare) return [];
    const shown = (value: number) => (unit === 'bytes' ? formatBytes(value) : num(value, unit === 'cores' ? 2 : 0));
    const code = used >= limit && unit !== 'cores' ? 'live-limit-reached' : 'live-limit-near';
    return [finding(code, `${name}: ${shown(used)} of ${shown(limit)}`, `raise ${raise}`)];
  });
}

/** Sockets and counters are not read in one moment. */
const slack = 5;

function counterFindings({ status, workers, masterPid }: LiveReading): Diagnostic<LiveCode>[] {
  if (status === null) return [];
  const found: Diagnostic<LiveCode>[] = [];
  const lost = status.accepts - status.handled;
  if (lost > 0)
    found.push(
      finding(
        'live-limit-reached',
        `${num(lost)} clients since the start were accepted and closed without a byte: accepts ${num(status.accepts)}, handled ${num(status.handled)}; a worker had no slot or no descriptor left`,
        'raise worker_connections and worker_rlimit_nofile; nothing of this is in the access log',
      ),
    );
  const visible = masterPid !== null && workers.length > 0 && workers.every(({ descriptors }) => descriptors !== null);
  const clients = sum(workers, (worker) => worker.clients);
  // The request for the page is one of the active ones, and is over when the sockets are looked at.
  const leaked = status.active - 1 - clients;
  if (visible && leaked > slack + clients * 0.01)
    found.push(
      finding(
        'live-counter-leaked',
        `nginx counts ${num(status.active)} active connections and its workers hold ${num(clients)}: a worker that was killed left ${num(leaked)} in the counters`,
        catalogue['live-counter-leaked'].remedy,
      ),
    );
  return found;
}

function generationFindings({ workers, configuration }: LiveReading): Diagnostic<LiveCode>[] {
  const timeout = configuration?.shutdownTimeoutMs ?? null;
  return generationsOf(workers)
    .filter(({ old }) => old)
    .map(({ workers: group, clients, memoryBytes }) =>
      finding(
        'live-old-generation',
        `${plural(group.length, 'worker')} from before a reload ${group.length === 1 ? 'holds' : 'hold'} ${plural(clients, 'connection')} and ${formatBytes(memoryBytes)}, and ${group.length === 1 ? 'takes' : 'take'} no new ones`,
        timeout === null
          ? 'without worker_shutdown_timeout they stay until the last client leaves; set it, it holds for workers that start afterwards'
          : `the configuration now says worker_shutdown_timeout ${formatDuration(timeout)}; old workers go by the one that they were started with`,
      ),
    );
}

/** Two for each WebSocket, one for each listening socket, one for the channel to the master. */
export function slotsOf({ clients, servers, listening }: LiveWorker): number {
  return clients + servers + listening + 1;
}

function finding(code: LiveCode, message: string, help: string): Diagnostic<LiveCode> {
  return { code, severity: catalogue[code].severity, message, help };
}

function most<Item>(items: readonly Item[], of: (item: Item) => number): Item | null {
  return items.reduce<Item | null>((best, item) => (best === null || of(item) > of(best) ? item : best), null);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

export function plural(count: number, word: string): string {
  return `${num(count)} ${word}${count === 1 ? '' : 's'}`;
}
