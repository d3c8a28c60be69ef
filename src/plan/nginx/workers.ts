/** Workers, their slots and their descriptors. */
import { descriptorsBeside } from './constants.ts';
import { choice, type Figure, nextPowerOfTwo, num, roundUpTo, sum } from './figure.ts';
import type { MachineFacts } from './machine.ts';
import { stormOpensPerSecond, type Workload } from './workload.ts';

export interface WorkerFigures {
  readonly workers: Figure;
  readonly connectionsPerWorker: Figure;
  readonly workerConnections: Figure;
  /** WebSockets that one worker holds before it refuses the next one. */
  readonly refusesAfter: Figure;
  readonly workerRlimitNofile: Figure;
  readonly keepalivePool: Figure;
  readonly backlog: Figure;
}

/** Slots for ordinary clients that keep their connection alive between requests. */
const idleClients = 64;
/** As nginx's own default since 1.29.7. */
const poolSize = 32;
/** A socket for the master's channel. */
const channel = 1;
/** Fewer slots save nothing worth having: 1,024 of them take 0.4 MB. */
const workerConnectionsMin = 1_024;

export function planWorkers(workload: Workload, machine: MachineFacts): WorkerFigures {
  const workers = workerCount(workload, machine);
  const balance = workers.value === 1 ? 1 : workload.balance;
  const perWorker = sum({
    name: 'connections on the fullest worker',
    value: Math.ceil(workload.connections / workers.value / balance),
    unit: 'count',
    because:
      workers.value === 1
        ? 'one worker holds them all'
        : 'a socket stays on the worker that accepted it, and the kernel does not spread them quite evenly',
    formula:
      workers.value === 1
        ? `round up(${num(workload.connections)} ÷ 1)`
        : `round up(${num(workload.connections)} ÷ ${num(workers.value)} ÷ ${num(balance, 3)})`,
  });
  const workerConnections = slots(workload, perWorker.value);
  const rlimit = workerConnections.value + descriptorsBeside;
  const held = Math.max(0, Math.floor((workerConnections.value - workload.listens - channel) / 2));
  return {
    workers,
    connectionsPerWorker: perWorker,
    workerConnections,
    refusesAfter: sum({
      name: 'WebSockets after which a worker refuses',
      value: held,
      unit: 'count',
      because:
        'two slots each; the listening sockets and the channel to the master take one each; the next client gets a 500 or a closed socket',
      formula: `larger of (0, round down((${num(workerConnections.value)} - ${workload.listens} - ${channel}) ÷ 2))`,
    }),
    workerRlimitNofile: sum({
      name: 'worker_rlimit_nofile',
      value: rlimit,
      unit: 'count',
      because: 'every slot can be a socket; beside them a worker opens logs, listening sockets and epoll',
      formula: `${num(workerConnections.value)} + ${descriptorsBeside}`,
    }),
    keepalivePool: choice({
      name: 'keepalive',
      value: poolSize,
      unit: 'count',
      because:
        'for the ordinary requests beside the WebSockets, per worker; a WebSocket never returns to the pool. 32 is nginx’s default since 1.29.7',
    }),
    backlog: sum({
      name: 'listen backlog',
      value: Math.min(65_536, Math.max(512, nextPowerOfTwo(Math.ceil(stormOpensPerSecond(workload) / 2)))),
      unit: 'count',
      because: 'after a cut everybody comes back; half a second of them may wait while the workers are busy',
      formula: `smaller of (65,536, larger of (512, next power of two(round up(${num(stormOpensPerSecond(workload), 6)} ÷ 2))))`,
    }),
  };
}

/** Slots that are not WebSockets. */
export function slotsBeside(workload: Workload): number {
  return workload.listens + channel + idleClients + poolSize;
}

function workerCount(workload: Workload, machine: MachineFacts): Figure {
  const pinned = workload.pinned.workers;
  if (pinned !== undefined)
    return choice({ name: 'worker_processes', value: pinned, unit: 'count', because: 'set by you' }, 'set by you');
  return sum({
    name: 'worker_processes',
    value: Math.max(1, Math.ceil(machine.cores)),
    unit: 'count',
    because: 'one for each processor; written as a number because auto counts processors that a container may not use',
    formula: `larger of (1, round up(${num(machine.cores, 3)}))`,
  });
}

function slots(workload: Workload, perWorker: number): Figure {
  const pinned = workload.pinned.workerConnections;
  if (pinned !== undefined)
    return choice(
      {
        name: 'worker_connections',
        value: pinned,
        unit: 'count',
        because: 'set by you; per worker, two for each WebSocket',
      },
      'set by you',
    );
  const beside = slotsBeside(workload);
  // The outer step keeps the number readable; the sixteenth keeps nginx from closing idle ordinary clients to make
  // room.
  const wanted = roundUpTo(64, Math.ceil(((2 * perWorker + beside) * 16) / 15));
  return sum({
    name: 'worker_connections',
    value: Math.max(workerConnectionsMin, wanted),
    unit: 'count',
    because:
      'per worker; two for each WebSocket, some for listening sockets, ordinary clients and the pool, and a sixteenth free, because below that nginx starts to close idle clients',
    formula: `larger of (${num(workerConnectionsMin)}, round up((2 × ${num(perWorker)} + ${num(beside)}) × 16 ÷ 15 ÷ 64) × 64)`,
  });
}
