/** The same workload on the built-in edge, next to nginx. */

import { edgeConstants } from '../edge/constants.ts';
import { socketKernelBytes } from './constants.ts';
import { type Figure, num, sum } from './figure.ts';
import type { NginxPlan } from './plan.ts';

export interface EdgeComparison {
  readonly edgePerConnection: Figure;
  readonly edgeTotal: Figure;
  readonly rows: readonly EdgeComparisonRow[];
}

export interface EdgeComparisonRow {
  readonly aspect: string;
  readonly nginx: string;
  readonly edge: string;
}

export function compareWithEdge(plan: NginxPlan): EdgeComparison {
  const { workload, memory, workers } = plan;
  const sides = Number(workload.clientTls) + Number(workload.serverTls);
  const perConnection =
    edgeConstants.idleUserBytesPerConnection + 2 * socketKernelBytes + sides * edgeConstants.tlsBytesPerConnection;
  const n = workload.connections;
  const count = workers.workers.value;
  const edgeTotal = sum({
    name: 'memory in all, built-in edge',
    value:
      n * perConnection +
      (count + 1) * edgeConstants.workerBaseBytes +
      edgeConstants.supervisorBytes +
      memory.stalled.value,
    unit: 'bytes',
    because: 'connections, the worker processes and one more while one is replaced, the supervisor, stalled clients',
    formula: `${num(n)} × ${num(perConnection)} + (${num(count)} + 1) × ${num(edgeConstants.workerBaseBytes)} + ${num(edgeConstants.supervisorBytes)} + ${num(memory.stalled.value)}`,
  });
  return {
    edgePerConnection: sum({
      name: 'memory per connection, built-in edge',
      value: perConnection,
      unit: 'bytes',
      because: 'Holdline’s own objects, and the two sockets in the kernel as with nginx',
      formula: `${num(edgeConstants.idleUserBytesPerConnection)} + 2 × ${num(socketKernelBytes)} + ${sides} × ${num(edgeConstants.tlsBytesPerConnection)}`,
    }),
    edgeTotal,
    rows: behaviour,
  };
}

/** What differs besides memory, whatever the numbers. */
const behaviour: readonly EdgeComparisonRow[] = [
  {
    aspect: 'heartbeats',
    nginx: 'none: it cannot send a frame; client or server must',
    edge: 'pings both sides, and closes what does not answer',
  },
  {
    aspect: 'a reload',
    nginx: 'old workers keep their sockets until worker_shutdown_timeout, then cut all at once, without a close frame',
    edge: 'every connection stays; new handshakes meet the new rules',
  },
  {
    aspect: 'limits on messages',
    nginx: 'none: it does not look into frames',
    edge: 'size and rate, each with its close code',
  },
  {
    aspect: 'a slow reader',
    nginx: 'fills the kernel’s queues, then send_timeout, unless it keeps sending',
    edge: 'a bounded buffer and a deadline, then close code 1013',
  },
  {
    aspect: 'which connections are open',
    nginx: 'a count (stub_status), which leaks after a crash',
    edge: 'every connection by id, with its cause when it ends',
  },
  {
    aspect: 'processor per byte',
    nginx: 'less: it is C and moves bytes unseen',
    edge: 'more: every frame header is read',
  },
];
