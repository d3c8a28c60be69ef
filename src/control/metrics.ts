import { AggregatorRegistry } from 'prom-client';
import type { GateState } from '../gateway/contract.ts';
import { serverStates } from '../policy/health/status.ts';
import type { BucketCounts, RouteTotals, Totals } from '../registry/totals.ts';
import type { DrainRow } from './drain/job.ts';
import { type InstanceState, instanceStates, type ManagedState } from './managed/state.ts';
import type { ServerRow } from './servers/entry.ts';
import type { WorkerStatus } from './workers/state.ts';

export interface MetricsInput {
  /** Of Holdline. */
  readonly version: string;
  readonly totals: Totals;
  readonly workers: readonly WorkerStatus[];
  readonly workerRestarts: number;
  readonly gate: GateState;
  readonly servers: readonly ServerRow[];
  readonly drains: readonly DrainRow[];
  readonly instances: readonly InstanceState[];
  readonly managed: readonly ManagedState[];
}

/**
 * What `/metrics` can be asked for, the first where nothing is said; the forms differ in more than their names
 * (docs/control-api.md).
 */
export const metricsForms = {
  'text/plain': AggregatorRegistry.PROMETHEUS_CONTENT_TYPE,
  'application/openmetrics-text': AggregatorRegistry.OPENMETRICS_CONTENT_TYPE,
} as const;

export type MetricsForm = keyof typeof metricsForms;

/**
 * The metrics in a form that Prometheus reads. The numbers are counted in the workers, so prom-client is given finished
 * values, the way it takes those of the processes of a cluster, and keeps no state of its own.
 */
export async function metricsText(input: MetricsInput, form: MetricsForm = 'text/plain'): Promise<string> {
  const metrics = metricsOf(input);
  if (form === 'text/plain') return AggregatorRegistry.aggregate([metrics] as object as object[]).metrics();
  // prom-client writes _total behind the counters by itself, and knows neither units nor how OpenMetrics writes a
  // number.
  const named = metrics.map((each) => (each.type === 'counter' ? { ...each, name: withoutTotal(each.name) } : each));
  const registry = AggregatorRegistry.aggregate([named] as object as object[]);
  registry.setContentType(metricsForms[form] as never);
  const text = await registry.metrics();
  return text
    .replace(/^# TYPE (\w+_(seconds|bytes|ratio)) .*$/gm, '$&\n# UNIT $1 $2')
    .replace(/(?<=[{,]le=")(\d+)(?=")/g, '$1.0');
}

function withoutTotal(name: string): string {
  return name.replace(/_total$/, '');
}

const drainCauses = ['drain', 'kick', 'server-lost'] as const satisfies readonly DrainRow['cause'][];

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly values: readonly Value[];
  readonly aggregator: 'sum';
}

function metricsOf(input: MetricsInput): Metric[] {
  const { version, totals, workers, workerRestarts, gate, servers, drains } = input;
  const routes = Object.entries(totals.routes);
  const byRoute = (value: (route: RouteTotals) => number) =>
    routes.map(([route, counts]) => ({ labels: { route }, value: value(counts) }));
  const byRouteAnd = (label: string, counts: (route: RouteTotals) => Readonly<Partial<Record<string, number>>>) =>
    routes.flatMap(([route, all]) =>
      Object.entries(counts(all)).map(([key, value]) => ({ labels: { route, [label]: key }, value: value ?? 0 })),
    );
  const byWorker = (value: (worker: WorkerStatus) => number) =>
    workers.map((worker) => ({ labels: { worker: worker.pid }, value: value(worker) }));
  const seconds = (name: string, histogram: (route: RouteTotals) => BucketCounts) =>
    routes.flatMap(([route, counts]) => histogramValues(name, { route }, histogram(counts)));

  return [
    gauge('build_info', 'What runs; always 1.', [{ labels: { version }, value: 1 }]),
    gauge(
      'connections',
      'Open connections.',
      byRoute((route) => route.open),
    ),
    gauge(
      'server_connections',
      'Open connections by server.',
      Object.entries(totals.openByServer).map(([server, value]) => ({ labels: { server }, value })),
    ),
    gauge(
      'buffered_bytes',
      'Bytes that wait for a slow reader.',
      byRoute((route) => route.bufferedBytes),
    ),
    counter(
      'handshakes_total',
      'Handshakes by how they ended.',
      byRouteAnd('outcome', (route) => route.handshakes),
    ),
    counter(
      'closes_total',
      'Ended connections by cause.',
      byRouteAnd('cause', (route) => route.closes),
    ),
    counter(
      'moves_total',
      'Connections that got another server, by reason; failed: no other server took them.',
      byRouteAnd('reason', (route) => route.moves),
    ),
    counter(
      'bytes_total',
      'Bytes of frames by the side that sent them.',
      byRouteAnd('from', (route) => ({ client: route.clientBytes, server: route.serverBytes })),
    ),
    counter(
      'messages_total',
      'Whole messages by the side that sent them.',
      byRouteAnd('from', (route) => ({ client: route.clientMessages, server: route.serverMessages })),
    ),
    metric(
      'histogram',
      'handshake_seconds',
      'From the first byte of a handshake to the 101 sent to the client.',
      seconds('holdline_handshake_seconds', (route) => route.handshakeSeconds),
    ),
    metric(
      'histogram',
      'connection_lifetime_seconds',
      'How long connections lived that have ended.',
      seconds('holdline_connection_lifetime_seconds', (route) => route.lifetimeSeconds),
    ),
    gauge(
      'event_loop_delay_seconds',
      'Longest delay of a worker’s event loop in the last half second.',
      byWorker((worker) => worker.eventLoopDelayMaxMs / 1000),
    ),
    gauge(
      'memory_bytes',
      'Resident memory of a worker.',
      byWorker((worker) => worker.memoryBytes),
    ),
    gauge(
      'worker_cpu_ratio',
      'Processor that a worker uses, of one core.',
      byWorker((worker) => worker.cpuShare),
    ),
    counter(
      'faults_total',
      'Faults of the edge’s own, by what they ended: one socket, or the worker.',
      ['socket', 'worker'].map((ended) => ({ labels: { ended }, value: totals.faults[ended] ?? 0 })),
    ),
    gauge('workers_silent', 'Workers that do not report: they hang.', [
      { labels: {}, value: workers.filter((worker) => worker.silentMs > 0).length },
    ]),
    gauge('workers', 'Workers that are ready.', [{ labels: {}, value: workers.length }]),
    counter('worker_restarts_total', 'Workers that died and were replaced.', [{ labels: {}, value: workerRestarts }]),
    gauge('gate_closed', '1 while new handshakes are refused: of the whole edge, and of single routes.', [
      { labels: {}, value: gate.closed ? 1 : 0 },
      ...gate.routes.map((route) => ({ labels: { route }, value: 1 })),
    ]),
    gauge(
      'server_state',
      'State of each server: 1 for its current state.',
      servers.flatMap(({ upstream, url, state: current }) =>
        serverStates.map((state) => ({ labels: { upstream, server: url, state }, value: state === current ? 1 : 0 })),
      ),
    ),
    gauge(
      'drain_remaining',
      'Connections that running drains still have to close.',
      // By cause alone: a series for each drain, with the words of its filter, would be one more for each of them, for
      // ever.
      drainCauses.map((cause) => ({
        labels: { cause },
        value: drains
          .filter((drain) => drain.state === 'running' && drain.cause === cause)
          .reduce((sum, { remaining }) => sum + remaining, 0),
      })),
    ),
    ...managedMetrics(input),
  ];
}

/** Of the servers that Holdline starts itself. */
function managedMetrics({ instances, managed }: Pick<MetricsInput, 'instances' | 'managed'>): Metric[] {
  const counts = (label: string, of: (state: ManagedState) => Readonly<Record<string, number>>) =>
    managed.flatMap((state) =>
      Object.entries(of(state)).map(([key, value]) => ({ labels: { upstream: state.upstream, [label]: key }, value })),
    );
  return [
    gauge(
      'instances',
      'Servers that Holdline started itself, by state.',
      managed.flatMap(({ upstream }) =>
        instanceStates.map((state) => ({
          labels: { upstream, state },
          value: instances.filter((each) => each.upstream === upstream && each.state === state).length,
        })),
      ),
    ),
    gauge(
      'instances_wanted',
      'Servers that Holdline means to run.',
      managed.map(({ upstream, wanted }) => ({ labels: { upstream }, value: wanted })),
    ),
    counter(
      'instance_restarts_total',
      'How often the present instances ended by themselves and were started again.',
      managed.map(({ upstream }) => ({
        labels: { upstream },
        value: instances.filter((each) => each.upstream === upstream).reduce((sum, each) => sum + each.restarts, 0),
      })),
    ),
    counter(
      'rolling_restarts_total',
      'Rolling restarts by how they ended.',
      counts('outcome', ({ restarts }) => restarts),
    ),
    counter(
      'scalings_total',
      'Changes of the number of instances, by direction.',
      counts('direction', ({ scalings }) => scalings),
    ),
  ];
}

function metric(type: Metric['type'], name: string, help: string, values: readonly Value[]): Metric {
  return { name: `holdline_${name}`, help, type, values, aggregator: 'sum' };
}

function gauge(name: string, help: string, values: readonly Value[]): Metric {
  return metric('gauge', name, help, values);
}

function counter(name: string, help: string, values: readonly Value[]): Metric {
  return metric('counter', name, help, values);
}

function histogramValues(name: string, labels: Value['labels'], histogram: BucketCounts): Value[] {
  let cumulative = 0;
  const buckets = histogram.counts.map((count, index) => {
    cumulative += count;
    const le = histogram.bounds[index] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: cumulative };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: histogram.sum },
    { metricName: `${name}_count`, labels, value: cumulative },
  ];
}
