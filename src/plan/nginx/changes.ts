/**
 * What to do when a limit is exceeded, or a setting of the host stands in the way; the effect of each is computed, not
 * guessed.
 */
import { type Change, num, roundUpTo } from './figure.ts';
import { type Limit, limitsOf } from './limits.ts';
import { memoryCapBytes, portRange, portsWide } from './machine.ts';
import { type PlanTask, type Sizes, sizesFor, withPinned } from './sizes.ts';
import { plannedClosesPerSecond } from './workload.ts';

const gib = 1024 ** 3;

export function changesFor(task: PlanTask, sizes: Sizes): readonly Change[] {
  const exceeded = limitsOf(task, sizes).filter((limit) => limit.need > limit.have);
  return [...exceeded.flatMap((limit) => remedies[limit.name](task, sizes, limit)), ...hostSettings(task, sizes)];
}

const remedies: Record<Limit['name'], (task: PlanTask, sizes: Sizes, limit: Limit) => readonly Change[]> = {
  memory: memoryChanges,
  processor: (task, sizes, limit) => [
    {
      kind: 'hardware',
      what: `${Math.ceil((task.machine.cores * limit.need) / limit.have)} processors instead of ${num(task.machine.cores, 2)}, or ${Math.ceil(limit.need / limit.have)} hosts`,
      because: `messages and handshakes keep ${num(limit.need, 1)} processors busy, ${num(limit.have, 1)} are to plan with`,
    },
    ...(sizes.buffers.proxyBufferSize.value < 16_384 && task.workload.messageBytes > 4_096
      ? [smaller(task, { proxyBufferBytes: 16_384 }, 'proxy_buffer_size 16k', 'processor')].flat()
      : []),
    {
      kind: 'workload',
      what: 'fewer messages: send several events in one',
      because: 'waking a worker costs more than a few hundred bytes do',
    },
  ],
  descriptors: (_, __, limit) => [
    {
      kind: 'setting',
      what: `LimitNOFILE=${roundUpTo(1_024, limit.need)} in the unit file${limit.need > 1_048_576 ? `, and fs.nr_open = ${roundUpTo(1_024, limit.need)}` : ''}`,
      because: `a worker needs ${num(limit.need)} descriptors and may have ${num(limit.have)}; above the hard limit nginx logs an alert and goes on with less`,
    },
  ],
  ports: portChanges,
  worker_connections: (_, __, limit) => [
    {
      kind: 'setting',
      what: `worker_connections ${num(roundUpTo(64, Math.ceil((limit.need * 16) / 15)))}`,
      because: `the fullest worker needs ${num(limit.need)} slots, two for each WebSocket, and has ${num(limit.have)}`,
    },
  ],
  planner: () => [{ kind: 'workload', what: 'fewer connections', because: 'no host carries that many' }],
};

function memoryChanges(task: PlanTask, sizes: Sizes, limit: Limit): readonly Change[] {
  const needed = limit.need + sizes.memory.reserve.value;
  const group = task.machine.memoryLimitBytes;
  const capped = group !== null && group < task.machine.memoryBytes;
  const asked = `${num(Math.ceil(Math.max(needed, limit.need / 0.9) / gib))} GB`;
  return [
    {
      kind: 'hardware',
      what: capped && needed <= task.machine.memoryBytes ? `a control group limit of ${asked}` : `${asked} of memory`,
      because: `the plan needs ${formatBytes(limit.need)} and ${formatBytes(limit.have)} are to plan with, out of ${formatBytes(memoryCapBytes(task.machine))}`,
    },
    ...smaller(task, { proxyBufferBytes: 4_096 }, 'proxy_buffer_size 4k', 'memory'),
    ...(task.workload.clientTls ? smaller(task, { sslBufferBytes: 4_096 }, 'ssl_buffer_size 4k', 'memory') : []),
    ...(task.workload.clientTls
      ? [
          {
            kind: 'topology',
            what: 'end TLS on another host or load balancer',
            because: 'a TLS connection takes more memory in nginx than the connection itself',
          } as const,
        ]
      : []),
    {
      kind: 'topology',
      what: `${Math.ceil(limit.need / Math.max(1, limit.have))} hosts with an address each`,
      because: 'memory is needed for every connection, so the crowd can be split',
    },
  ];
}

/** The effect of pinning a setting, when it lowers the need. */
function smaller(
  task: PlanTask,
  pinned: PlanTask['workload']['pinned'],
  what: string,
  name: Limit['name'],
): readonly Change[] {
  const before = limitsOf(task, sizesFor(task)).find((limit) => limit.name === name)!;
  const changed = withPinned(task, pinned);
  const after = limitsOf(changed, sizesFor(changed)).find((limit) => limit.name === name)!;
  if (after.need >= before.need) return [];
  const amount = (value: number) => (before.unit === 'bytes' ? formatBytes(value) : num(value, 2));
  return [
    {
      kind: 'setting',
      what,
      because: `${amount(before.need)} become ${amount(after.need)}${after.need <= after.have ? ', and then it fits' : ', which is not enough alone'}`,
    },
  ];
}

function portChanges(task: PlanTask, sizes: Sizes, limit: Limit): readonly Change[] {
  const { workload, machine } = task;
  const pairs = sizes.ports!.addressPairs.value;
  const wide = portsWide.last - portsWide.first + 1;
  const have = workload.sourceAddresses * (workload.servers ?? 1);
  const changes: Change[] = [];
  if (portRange(machine) < wide && limit.need <= wide * have)
    changes.push({
      kind: 'setting',
      what: `net.ipv4.ip_local_port_range = ${portsWide.first} ${portsWide.last}`,
      because: `${num(wide)} ports instead of ${num(portRange(machine))} are enough; keep other listening ports out with ip_local_reserved_ports`,
    });
  changes.push({
    kind: 'topology',
    what: `${num(Math.ceil(pairs / (workload.servers ?? 1)))} local addresses (proxy_bind with split_clients), or ${num(Math.ceil(pairs / workload.sourceAddresses))} server addresses, or unix sockets`,
    because: `${num(limit.need)} ports are needed (${num(workload.connections)} open, ${num(60 * plannedClosesPerSecond(workload))} closing) and there are ${num(limit.have)}`,
  });
  return changes;
}

/** Settings that do not decide whether it fits, but that the figures count on. */
function hostSettings(task: PlanTask, sizes: Sizes): readonly Change[] {
  const backlog = sizes.workers.backlog.value;
  if (backlog <= task.machine.somaxconn) return [];
  return [
    {
      kind: 'setting',
      what: `net.core.somaxconn = ${backlog}`,
      because: `the kernel cuts every backlog to somaxconn, now ${num(task.machine.somaxconn)}`,
    },
  ];
}

/**
 * For sentences: 8,589,934,592 becomes `8 GB`, 273,600,000 becomes `261 MB` (powers of 1024, as memory is sold), less
 * stays bytes.
 */
export function formatBytes(bytes: number): string {
  const sign = bytes < 0 ? '-' : '';
  const size = Math.abs(bytes);
  if (size >= gib) return `${sign}${num(size / gib, size >= 10 * gib ? 0 : 1)} GB`;
  return size >= 1024 ** 2 ? `${sign}${num(size / 1024 ** 2)} MB` : `${sign}${num(size)} bytes`;
}
