/** Every figure of a plan for one number of connections. No search, no verdict: those read what is computed here. */
import type { NginxVersion } from '../../base/nginx-version.ts';
import { type BufferFigures, planBuffers } from './buffers.ts';
import { constantsFor } from './constants.ts';
import type { MachineFacts } from './machine.ts';
import { type MemoryFigures, planMemory } from './memory.ts';
import { type PortFigures, planPorts } from './ports.ts';
import { type ProcessorFigures, planProcessor } from './processor.ts';
import { planTimeouts, type TimeoutFigures } from './timeouts.ts';
import { planWorkers, type WorkerFigures } from './workers.ts';
import type { Workload } from './workload.ts';

export interface PlanTask {
  readonly workload: Workload;
  readonly machine: MachineFacts;
  readonly version: NginxVersion;
}

export interface Sizes {
  readonly buffers: BufferFigures;
  readonly workers: WorkerFigures;
  readonly timeouts: TimeoutFigures;
  readonly memory: MemoryFigures;
  /** null: no ports are needed. */
  readonly ports: PortFigures | null;
  readonly processor: ProcessorFigures;
}

export function sizesFor(task: PlanTask): Sizes {
  const { workload, machine, version } = task;
  const buffers = planBuffers(workload);
  const workers = planWorkers(workload, machine);
  const timeouts = planTimeouts(workload);
  return {
    buffers,
    workers,
    timeouts,
    memory: planMemory({
      workload,
      machine,
      constants: constantsFor(version),
      buffers,
      workers,
      workerShutdownMs: timeouts.workerShutdownTimeout.value,
    }),
    ports: planPorts(workload, machine),
    processor: planProcessor(workload, machine, buffers.proxyBufferSize.value),
  };
}

/** The same task with another number of connections. */
export function withConnections(task: PlanTask, connections: number): PlanTask {
  return { ...task, workload: { ...task.workload, connections } };
}

/** The same task with settings pinned. */
export function withPinned(task: PlanTask, pinned: Workload['pinned']): PlanTask {
  return { ...task, workload: { ...task.workload, pinned: { ...task.workload.pinned, ...pinned } } };
}
