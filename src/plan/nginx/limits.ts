/** What can run out: need against have, whether the host's settings can move it, and how many connections fit. */
import { descriptorsCeilingMax } from './machine.ts';
import { type PlanTask, type Sizes, sizesFor, withConnections } from './sizes.ts';
import { slotsBeside } from './workers.ts';
import { connectionsMax } from './workload.ts';

export type LimitName = 'memory' | 'processor' | 'descriptors' | 'ports' | 'worker_connections' | 'planner';

export interface Limit {
  readonly name: LimitName;
  /** `setting` and `topology` limits move without another machine: a sysctl or unit file, more addresses. */
  readonly kind: 'setting' | 'topology' | 'hardware';
  readonly need: number;
  readonly have: number;
  /** What there would be after the settings are raised as far as they go. */
  readonly haveRaised: number;
  readonly unit: 'bytes' | 'cores' | 'count';
  readonly what: string;
}

export interface Capacity {
  /** The largest number of connections that fits; 0 when not even one does. */
  readonly connections: number;
  /** What the next connection would run out of. */
  readonly limitedBy: LimitName;
}

export interface Largest {
  readonly asItIs: Capacity;
  /** After the host's settings are raised and addresses are added. */
  readonly raised: Capacity;
}

/** Every need grows with the number of connections and no `have` does; the search below stands on that. */
export function limitsOf(task: PlanTask, sizes: Sizes): readonly Limit[] {
  const { workload, machine } = task;
  const limits: Limit[] = [
    {
      name: 'memory',
      kind: 'hardware',
      need: sizes.memory.total.value,
      have: sizes.memory.usable.value,
      haveRaised: sizes.memory.usable.value,
      unit: 'bytes',
      what: 'memory of nginx and of the kernel’s sockets',
    },
    {
      name: 'processor',
      kind: 'hardware',
      need: sizes.processor.coresBusy.value,
      have: sizes.processor.coresUsable.value,
      haveRaised: sizes.processor.coresUsable.value,
      unit: 'cores',
      what: 'processors busy with messages and handshakes',
    },
    {
      name: 'descriptors',
      kind: 'setting',
      need: sizes.workers.workerRlimitNofile.value,
      have: Math.min(machine.descriptorsHard, machine.descriptorsCeiling),
      haveRaised: descriptorsCeilingMax,
      unit: 'count',
      what: 'descriptors of one worker, against the hard limit of open files',
    },
  ];
  if (sizes.ports !== null)
    limits.push({
      name: 'ports',
      kind: 'topology',
      need: sizes.ports.needed.value,
      have: sizes.ports.available.value,
      haveRaised: Number.MAX_SAFE_INTEGER,
      unit: 'count',
      what: 'local ports for the connections to the servers',
    });
  const slots = workload.pinned.workerConnections;
  if (slots !== undefined)
    limits.push({
      name: 'worker_connections',
      kind: 'setting',
      need: 2 * sizes.workers.connectionsPerWorker.value + slotsBeside(workload),
      have: slots,
      haveRaised: slots,
      unit: 'count',
      what: 'slots of the fullest worker, against the worker_connections that you set',
    });
  limits.push({
    name: 'planner',
    kind: 'hardware',
    need: workload.connections,
    have: connectionsMax,
    haveRaised: connectionsMax,
    unit: 'count',
    what: 'the largest number of connections that is planned for',
  });
  return limits;
}

export function largest(task: PlanTask): Largest {
  return { asItIs: search(task, 'have'), raised: search(task, 'haveRaised') };
}

/** Bisection: the needs grow with the number of connections. */
function search(task: PlanTask, against: 'have' | 'haveRaised'): Capacity {
  let fits = 0;
  let exceeds = connectionsMax + 1;
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    if (firstExceeded(task, middle, against) === undefined) fits = middle;
    else exceeds = middle;
  }
  return { connections: fits, limitedBy: firstExceeded(task, exceeds, against)!.name };
}

/** The limit that is exceeded furthest, in proportion. */
function firstExceeded(task: PlanTask, connections: number, against: 'have' | 'haveRaised'): Limit | undefined {
  const at = withConnections(task, connections);
  return limitsOf(at, sizesFor(at))
    .filter((limit) => limit.need > limit[against])
    .toSorted((a, b) => b.need / Math.max(1e-9, b[against]) - a.need / Math.max(1e-9, a[against]))[0];
}
