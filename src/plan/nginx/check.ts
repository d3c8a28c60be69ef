/** Workloads and hosts that cannot be: refused with a diagnostic before any sum is made. */

import { catalogue } from '../../base/catalogue/catalogue.ts';
import type { planCodes } from '../../base/catalogue/plan.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { num } from './figure.ts';
import type { MachineFacts, MachineField } from './machine.ts';
import { connectionsMax, type Workload } from './workload.ts';

export type PlanCode = keyof typeof planCodes;

interface Span {
  readonly min: number;
  readonly max: number;
  readonly whole?: true;
}

const dayMs = 86_400_000;
const gib = 1024 ** 3;

/** Outside these spans a number is a slip of the pen, and the sums would be nonsense. */
const workloadSpans = {
  connections: { min: 1, max: connectionsMax, whole: true },
  messagesPerSecond: { min: 0, max: 1_000_000 },
  messageBytes: { min: 0, max: 4 * gib, whole: true },
  opensPerSecond: { min: 0, max: 10_000_000 },
  closesPerSecond: { min: 0, max: 10_000_000 },
  meanLifeMs: { min: 100, max: 3_650 * dayMs },
  reconnectSpreadMs: { min: 100, max: dayMs },
  cookieBytes: { min: 0, max: 65_536, whole: true },
  generations: { min: 1, max: 1_000, whole: true },
  reloadsPerHour: { min: 0, max: 3_600 },
  balance: { min: 0.05, max: 1 },
  stalledShare: { min: 0, max: 1 },
  servers: { min: 1, max: 100_000, whole: true },
  sourceAddresses: { min: 1, max: 65_536, whole: true },
  listens: { min: 1, max: 1_024, whole: true },
  idleTimeoutMs: { min: 1_000, max: 365 * dayMs },
  drainPerSecond: { min: 0.01, max: 1_000_000 },
} as const satisfies Partial<Record<keyof Workload, Span>>;

const pinnedSpans = {
  workers: { min: 1, max: 1_024, whole: true },
  workerConnections: { min: 16, max: 16_777_216, whole: true },
  proxyBufferBytes: { min: 512, max: 16 * 1024 ** 2, whole: true },
  sslBufferBytes: { min: 512, max: 1024 ** 2, whole: true },
} as const satisfies Record<keyof Workload['pinned'], Span>;

const machineSpans = {
  cores: { min: 0.01, max: 4_096 },
  memoryBytes: { min: 16 * 1024 ** 2, max: 65_536 * gib },
  memoryLimitBytes: { min: 1024 ** 2, max: Number.MAX_SAFE_INTEGER },
  descriptorsSoft: { min: 0, max: Number.MAX_SAFE_INTEGER },
  descriptorsHard: { min: 0, max: Number.MAX_SAFE_INTEGER },
  descriptorsCeiling: { min: 1, max: Number.MAX_SAFE_INTEGER },
  portFirst: { min: 1, max: 65_535, whole: true },
  portLast: { min: 1, max: 65_535, whole: true },
  somaxconn: { min: 1, max: Number.MAX_SAFE_INTEGER },
  receiveBytesMax: { min: 256, max: 2 * gib },
  sendBytesMax: { min: 256, max: 2 * gib },
} as const satisfies Record<MachineField, Span>;

export function checkTask(workload: Workload, machine: MachineFacts): Diagnostic<PlanCode>[] {
  return [
    ...outside('plan-workload-impossible', 'workload', workload, workloadSpans),
    ...outside('plan-workload-impossible', 'workload.pinned', workload.pinned, pinnedSpans),
    ...outside('plan-host-impossible', 'host', machine, machineSpans),
    ...contradictions(workload, machine),
  ];
}

export function planDiagnostic(
  code: PlanCode,
  message: string,
  more: { path?: string; why?: string; help?: string } = {},
): Diagnostic<PlanCode> {
  const { path, why, help } = more;
  return {
    code,
    severity: catalogue[code].severity,
    message,
    ...(path === undefined ? {} : { where: { path } }),
    ...(why === undefined ? {} : { why }),
    help: help ?? catalogue[code].remedy,
  };
}

function outside(code: PlanCode, path: string, object: object, spans: Record<string, Span>): Diagnostic<PlanCode>[] {
  const values = object as Record<string, unknown>;
  return Object.entries(spans).flatMap(([field, span]) => {
    const value = values[field];
    if (value === null || value === undefined) return [];
    const fine =
      typeof value === 'number' &&
      value >= span.min &&
      value <= span.max &&
      (span.whole === undefined || Number.isInteger(value));
    if (fine) return [];
    const kind = span.whole === undefined ? 'a number' : 'a whole number';
    return [
      planDiagnostic(
        code,
        `${path}.${field} is ${String(value)}; it has to be ${kind} from ${num(span.min, 3)} to ${num(span.max)}`,
        { path: `${path}.${field}` },
      ),
    ];
  });
}

interface Contradiction {
  readonly path: string;
  readonly found: (workload: Workload, machine: MachineFacts) => string | null;
}

const contradictionTable: readonly Contradiction[] = [
  {
    path: 'workload.heartbeat',
    found: ({ heartbeat }) =>
      heartbeat !== null &&
      !(
        heartbeat.everyMs >= 100 &&
        heartbeat.everyMs <= dayMs &&
        heartbeat.timeoutMs >= 0 &&
        heartbeat.timeoutMs <= dayMs
      )
        ? `a heartbeat every ${heartbeat.everyMs} ms with ${heartbeat.timeoutMs} ms for the answer is not one; every: 100ms to 1d`
        : null,
  },
  {
    path: 'workload.idleTimeoutMs',
    found: ({ heartbeat, idleTimeoutMs }) =>
      heartbeat !== null && idleTimeoutMs !== null && idleTimeoutMs <= heartbeat.everyMs
        ? `the idle timeout of ${idleTimeoutMs / 1000} s is not longer than the heartbeat of ${heartbeat.everyMs / 1000} s: every quiet connection would be cut before its first heartbeat`
        : null,
  },
  {
    path: 'workload.closesPerSecond',
    found: ({ opensPerSecond, closesPerSecond }) =>
      opensPerSecond !== null && closesPerSecond !== null && opensPerSecond > closesPerSecond * 2 && opensPerSecond > 1
        ? `${opensPerSecond} connections open and only ${closesPerSecond} close each second: no number of connections is the right one for that`
        : null,
  },
  {
    path: 'workload.pinned.workerConnections',
    found: ({ pinned, listens }) =>
      pinned.workerConnections !== undefined && pinned.workerConnections <= listens + 2
        ? `worker_connections ${pinned.workerConnections} leaves no slot beside ${listens} listening sockets and the channel to the master`
        : null,
  },
  {
    path: 'workload.pinned.sslBufferBytes',
    found: ({ pinned, clientTls }) =>
      pinned.sslBufferBytes !== undefined && !clientTls
        ? 'ssl_buffer_size is set, but the clients do not speak TLS'
        : null,
  },
  {
    path: 'workload.sourceAddresses',
    found: ({ servers, sourceAddresses }) =>
      servers === null && sourceAddresses > 1 ? 'unix sockets have no source address, but several are given' : null,
  },
  {
    path: 'host.portLast',
    found: (_, { portFirst, portLast }) =>
      portLast < portFirst ? `the port range ends at ${portLast}, before it begins at ${portFirst}` : null,
  },
  {
    path: 'host.descriptorsSoft',
    found: (_, { descriptorsSoft, descriptorsHard }) =>
      descriptorsSoft > descriptorsHard
        ? `the soft limit of ${descriptorsSoft} descriptors is above the hard limit of ${descriptorsHard}`
        : null,
  },
];

function contradictions(workload: Workload, machine: MachineFacts): Diagnostic<PlanCode>[] {
  return [
    ...contradictionTable.flatMap(({ path, found }) => {
      const message = found(workload, machine);
      return message === null ? [] : [planDiagnostic('plan-contradiction', message, { path })];
    }),
    ...workload.hops.flatMap((hop, index) =>
      hop.idleTimeoutMs !== null && !(hop.idleTimeoutMs >= 100)
        ? [
            planDiagnostic('plan-workload-impossible', `the idle timeout of ${hop.name} is ${hop.idleTimeoutMs} ms`, {
              path: `workload.hops[${index}]`,
            }),
          ]
        : [],
    ),
  ];
}
