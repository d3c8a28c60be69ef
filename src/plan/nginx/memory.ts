/** All memory of the plan: workers, connections, stalled clients, sessions, against what the host can give. */
import type { BufferFigures } from './buffers.ts';
import { connectionMemory } from './connection-memory.ts';
import { type NginxConstants, sessionsPerMb, workerBaseBytes } from './constants.ts';
import { choice, type Figure, num, sum } from './figure.ts';
import { type MachineFacts, memoryCapBytes } from './machine.ts';
import type { WorkerFigures } from './workers.ts';
import type { Workload } from './workload.ts';

export interface MemoryFigures {
  readonly userPerConnection: Figure;
  readonly userPerConnectionIdle: Figure;
  readonly kernelPerConnection: Figure;
  readonly perStalledClient: Figure;
  readonly connections: Figure;
  /** A worker before its first connection. */
  readonly perWorker: Figure;
  readonly perGeneration: Figure;
  readonly generations: Figure;
  readonly workers: Figure;
  readonly stalled: Figure;
  readonly sessionCache: Figure | null;
  readonly total: Figure;
  readonly reserve: Figure;
  readonly usable: Figure;
  /** usable − total; negative when it does not fit. */
  readonly headroom: Figure;
}

const mib = 1024 ** 2;
/** Past this a larger cache serves only clients that a full handshake would serve as well. */
const sessionCacheMbMax = 64;
const reserveBytesMin = 128 * mib;
const reserveBytesMax = 4 * 1024 * mib;
const reserveShare = 0.1;

export interface MemoryParts {
  readonly workload: Workload;
  readonly machine: MachineFacts;
  readonly constants: NginxConstants;
  readonly buffers: BufferFigures;
  readonly workers: WorkerFigures;
  readonly workerShutdownMs: number;
}

export function planMemory(parts: MemoryParts): MemoryFigures {
  const { workload, machine, constants, buffers, workers } = parts;
  const each = connectionMemory(workload, buffers, constants);
  const perStalledClient = each.stalled(machine.sendBytesMax, machine.receiveBytesMax);
  const n = workload.connections;
  const connections = bytes({
    name: 'memory of all connections',
    value: n * (each.user.value + each.kernel.value),
    because: 'nginx’s own and the kernel’s, once large messages have passed',
    formula: `${num(n)} × (${num(each.user.value)} + ${num(each.kernel.value)})`,
  });
  const slots = workers.workerConnections.value;
  const perWorker = bytes({
    name: 'memory of a worker without connections',
    value: workerBaseBytes + constants.slotBytes * slots,
    because: 'nginx writes every slot of worker_connections at start, used or not',
    formula: `${num(workerBaseBytes)} + ${constants.slotBytes} × ${num(slots)}`,
  });
  const count = workers.workers.value;
  const perGeneration = bytes({
    name: 'memory of a generation of workers without connections',
    value: count * perWorker.value,
    because: 'all workers started from one configuration',
    formula: `${num(count)} × ${num(perWorker.value)}`,
  });
  const generations = planGenerations(workload, parts.workerShutdownMs);
  const allWorkers = bytes({
    name: 'memory of all workers without connections',
    value: generations.value * perGeneration.value,
    because: 'a reload starts a new generation while the old one keeps its sockets',
    formula: `${num(generations.value)} × ${num(perGeneration.value)}`,
  });
  const stalled = bytes({
    name: 'memory of stalled clients',
    value: Math.ceil(n * workload.stalledShare) * perStalledClient.value,
    because: `a share of ${num(workload.stalledShare, 6)} of the clients may have stopped reading; listen … sndbuf= or tcp_wmem bounds what each can hold`,
    formula: `round up(${num(n)} × ${num(workload.stalledShare, 6)}) × ${num(perStalledClient.value)}`,
  });
  const sessionCache = workload.clientTls ? planSessionCache(n) : null;
  const sessions = sessionCache?.value ?? 0;
  const total = bytes({
    name: 'memory in all',
    value: connections.value + allWorkers.value + stalled.value + sessions,
    because: `connections, workers, stalled clients${sessionCache === null ? '' : ', TLS sessions'}`,
    formula: `${num(connections.value)} + ${num(allWorkers.value)} + ${num(stalled.value)}${sessionCache === null ? '' : ` + ${num(sessions)}`}`,
  });
  const { reserve, usable } = usableMemory(machine);
  return {
    userPerConnection: each.user,
    userPerConnectionIdle: each.userIdle,
    kernelPerConnection: each.kernel,
    perStalledClient,
    connections,
    perWorker,
    perGeneration,
    generations,
    workers: allWorkers,
    stalled,
    sessionCache,
    total,
    reserve,
    usable,
    headroom: bytes({
      name: 'memory left',
      value: usable.value - total.value,
      because: usable.value >= total.value ? 'for what the plan does not foresee' : 'negative: that much is missing',
      formula: `${num(usable.value)} - ${num(total.value)}`,
    }),
  };
}

function bytes(facts: { name: string; value: number; because: string; formula: string }): Figure {
  return sum({ ...facts, unit: 'bytes' });
}

function usableMemory(machine: MachineFacts): { reserve: Figure; usable: Figure } {
  const cap = memoryCapBytes(machine);
  const reserve = bytes({
    name: 'memory left to the system',
    value: Math.floor(Math.min(reserveBytesMax, Math.max(reserveBytesMin, cap * reserveShare))),
    because: 'the kernel, logs, a login shell: a tenth, at least 128 MB and at most 4 GB',
    formula: `round down(smaller of (${num(reserveBytesMax)}, larger of (${num(reserveBytesMin)}, ${num(cap)} × ${reserveShare})))`,
  });
  return {
    reserve,
    usable: bytes({
      name: 'memory to plan with',
      value: Math.max(0, cap - reserve.value),
      because:
        machine.memoryLimitBytes !== null && machine.memoryLimitBytes < machine.memoryBytes
          ? 'the control group’s limit, which is smaller than the machine’s memory, less the reserve'
          : 'the machine’s memory less the reserve',
      formula: `larger of (0, ${num(cap)} - ${num(reserve.value)})`,
    }),
  };
}

function planGenerations(workload: Workload, shutdownMs: number): Figure {
  const facts = { name: 'generations of workers at once', unit: 'count' } as const;
  if (workload.generations !== null)
    return choice({ ...facts, value: workload.generations, because: 'set by you' }, 'set by you');
  const reloads = workload.reloadsPerHour;
  if (reloads === null)
    return choice({ ...facts, value: 2, because: 'the running one, and the old one while a reload is finishing' });
  const hours = shutdownMs / 3_600_000;
  return sum({
    ...facts,
    value: 1 + Math.ceil(reloads * hours),
    because: 'every reload leaves a generation behind that lives for worker_shutdown_timeout',
    formula: `1 + round up(${num(reloads, 6)} × ${num(hours, 6)})`,
  });
}

function planSessionCache(connections: number): Figure {
  return sum({
    name: 'ssl_session_cache',
    value: Math.min(sessionCacheMbMax, Math.max(1, Math.ceil(connections / sessionsPerMb))) * mib,
    unit: 'bytes',
    because:
      'everybody who comes back should be able to resume: 1 MB holds about 4,000 sessions; more than 64 MB is not worth it',
    formula: `smaller of (${sessionCacheMbMax}, larger of (1, round up(${num(connections)} ÷ ${num(sessionsPerMb)}))) × ${num(mib)}`,
  });
}
