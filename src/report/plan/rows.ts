/** A plan as titled rows, which the terminal and the Markdown page lay out each in its way. */
import { formatDuration, formatSize } from '../../base/units.ts';
import { formatBytes } from '../../plan/nginx/changes.ts';
import { type Figure, num } from '../../plan/nginx/figure.ts';
import type { Limit } from '../../plan/nginx/limits.ts';
import { type NginxPlan, targetOf } from '../../plan/nginx/plan.ts';

export interface PlanSection {
  readonly title: string;
  /** One sentence for somebody who has never seen nginx. */
  readonly intro: string;
  readonly figures: readonly Figure[];
}

export function planSections(plan: NginxPlan): readonly PlanSection[] {
  const { buffers, workers, timeouts, memory, ports, processor } = plan;
  return [
    {
      title: 'Settings of nginx',
      intro: 'What to write into nginx.conf.',
      figures: present([
        workers.workers,
        workers.workerConnections,
        workers.workerRlimitNofile,
        workers.backlog,
        workers.keepalivePool,
        buffers.proxyBufferSize,
        buffers.proxyBuffersCount,
        buffers.clientHeaderBufferSize,
        buffers.largeClientHeaderBufferSize,
        buffers.sslBufferSize,
        memory.sessionCache,
      ]),
    },
    {
      title: 'Timeouts',
      intro: 'How long nginx waits for what.',
      figures: Object.values(timeouts) as Figure[],
    },
    {
      title: 'Memory',
      intro: 'What a connection takes, and all of them together.',
      figures: present([
        memory.userPerConnection,
        memory.userPerConnectionIdle.value === memory.userPerConnection.value ? null : memory.userPerConnectionIdle,
        memory.kernelPerConnection,
        memory.connections,
        memory.perWorker,
        memory.generations,
        memory.workers,
        memory.stalled,
        memory.total,
        memory.usable,
        memory.headroom,
      ]),
    },
    {
      title: 'Ports and processors',
      intro: 'What else can run out.',
      figures: present([
        workers.connectionsPerWorker,
        workers.refusesAfter,
        ports?.needed ?? null,
        ports?.available ?? null,
        ports?.addressPairs ?? null,
        processor.microsecondsPerMessage,
        processor.coresBusy,
        processor.coresUsable,
        processor.storm,
      ]),
    },
  ];
}

/** `20,000 WebSockets on 1 processor with 8 GB, nginx 1.22.1, TLS`. */
export function planTitle(plan: NginxPlan): string {
  const { workload, machine } = plan;
  const processors = `${num(machine.cores, 2)} processor${machine.cores === 1 ? '' : 's'}`;
  const tls = workload.clientTls ? ', TLS' : '';
  return `${num(workload.connections)} WebSockets on ${processors} with ${formatBytes(machine.memoryBytes)}, nginx ${targetOf(plan)}${tls}`;
}

const limitWords: Record<Limit['name'], string> = {
  memory: 'memory',
  processor: 'processor time',
  descriptors: 'file descriptors',
  ports: 'local ports',
  worker_connections: 'worker_connections',
  planner: 'what Holdline plans for',
};

/** The answer, in one or two sentences. */
export function planAnswer(plan: NginxPlan): string {
  const { asItIs, raised } = plan.largest;
  const now = `As it is the host carries ${num(asItIs.connections)}; then it runs out of ${limitWords[asItIs.limitedBy]}.`;
  const later =
    raised.connections === asItIs.connections
      ? ''
      : ` With settings raised and addresses added it carries ${num(raised.connections)}, until ${limitWords[raised.limitedBy]} ends.`;
  const verdict = {
    fits: 'It fits.',
    'fits-after-changes': 'It fits after changes, listed below.',
    'does-not-fit': 'It does not fit.',
  }[plan.verdict];
  return `${verdict} ${now}${later}`;
}

/** Directives are written as nginx reads them, everything else for people. */
export function shown(figure: Figure): string {
  switch (figure.unit) {
    case 'bytes':
      return figure.name.includes(' ') ? formatBytes(figure.value) : formatSize(figure.value);
    case 'milliseconds':
      return figure.value < 1000 || figure.value % 1000 === 0
        ? formatDuration(figure.value)
        : `${num(figure.value / 1000, 1)} s`;
    case 'cores':
      return num(figure.value, 2);
    case 'microseconds':
      return `${num(figure.value, 1)} µs`;
    default:
      return figure.name.includes(' ') ? num(figure.value) : String(figure.value);
  }
}

function present(figures: readonly (Figure | null)[]): Figure[] {
  return figures.filter((figure) => figure !== null);
}
