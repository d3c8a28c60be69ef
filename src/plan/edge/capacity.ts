import { type Code, catalogue } from '../../base/catalogue/catalogue.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import { formatSize } from '../../base/units.ts';
import type { Spec } from '../../spec/model.ts';
import { edgeConstants as constants } from './constants.ts';
import type { EdgePlanLimits, HostFacts, Reason } from './model.ts';

export interface EdgeCapacity {
  readonly workers: number;
  readonly limits: EdgePlanLimits;
  readonly reasons: readonly Reason[];
}

/**
 * The arithmetic of the built-in edge: workers from cores, connections from whichever of descriptors and memory ends
 * first.
 */
export function planCapacity(spec: Spec, facts: HostFacts, diagnostics: Diagnostic<Code>[]): EdgeCapacity {
  const host = narrowed(spec, facts);
  const memory = Math.floor(host.memoryBytes * constants.memoryShare) - constants.supervisorBytes;
  const workers = countWorkers(spec, host, memory);
  const shareBytes = Math.max(0, Math.floor(memory / workers.value));
  const perConnection = bytesPerConnection(spec);
  const byMemory = Math.floor((shareBytes - constants.workerBaseBytes) / perConnection.value);
  const byDescriptors = Math.floor(
    (host.descriptors - constants.descriptorsSpare) / constants.descriptorsPerConnection,
  );
  const bound = byMemory < byDescriptors ? 'memory' : 'descriptors';
  const room = Math.min(byMemory, byDescriptors);
  if (room < 1) diagnostics.push(tooSmall(host, bound));

  const capacity = Math.max(1, room);
  const wanted = spec.limits.connections;
  const perWorker = wanted === null ? capacity : Math.max(1, Math.min(capacity, Math.floor(wanted / workers.value)));
  const connections = Math.min(wanted ?? Number.MAX_SAFE_INTEGER, capacity * workers.value);
  reportShortage(
    spec,
    { capacity: capacity * workers.value, bound, byMemory, byDescriptors, workers: workers.value },
    diagnostics,
  );
  reportWorkers(spec, host, diagnostics);

  const memoryHighBytes = Math.max(constants.workerBaseBytes + perConnection.value, shareBytes);
  const descriptorsHigh = Math.max(constants.descriptorsPerConnection, host.descriptors - constants.descriptorsSpare);
  const limits: EdgePlanLimits = {
    connections,
    connectionsPerWorker: perWorker,
    handshakesPerSecond: spec.limits.handshakesPerSecond,
    headBytesMax: spec.limits.headBytesMax,
    memoryHighBytes,
    memoryLowBytes: low(memoryHighBytes),
    descriptorsHigh,
    descriptorsLow: low(descriptorsHigh),
  };
  const reasons: Reason[] = [
    workers,
    perConnection,
    {
      name: 'connectionsPerWorker',
      value: perWorker,
      because:
        wanted !== null && perWorker < capacity
          ? `limits.connections ${wanted} shared by ${workers.value} workers, rounded down so that all together never exceed it`
          : bound === 'memory'
            ? `memory ends first: (${formatMiB(shareBytes)} − ${formatMiB(constants.workerBaseBytes)} for the worker itself) / ${perConnection.value} bytes`
            : `descriptors end first: (${host.descriptors} − ${constants.descriptorsSpare} spare) / ${constants.descriptorsPerConnection} per connection`,
    },
    {
      name: 'connections',
      value: connections,
      because:
        wanted !== null && wanted <= capacity * workers.value
          ? 'the spec says so'
          : `${workers.value} workers × ${capacity} connections, the most that the host holds`,
    },
    {
      name: 'memoryHighBytes',
      value: limits.memoryHighBytes,
      because: `${constants.memoryShare * 100}% of ${formatMiB(host.memoryBytes)}, less ${formatMiB(constants.supervisorBytes)} for the supervisor, shared by ${workers.value}; above it a worker admits nobody`,
    },
    { name: 'memoryLowBytes', value: limits.memoryLowBytes, because: hysteresis },
    {
      name: 'descriptorsHigh',
      value: limits.descriptorsHigh,
      because: `the limit of ${host.descriptors} less ${constants.descriptorsSpare} that a worker needs for other things`,
    },
    { name: 'descriptorsLow', value: limits.descriptorsLow, because: hysteresis },
  ];
  return { workers: workers.value, limits, reasons };
}

const hysteresis = '10% below the high mark, so that admission does not switch on and off with every connection';

interface NumberReason extends Reason {
  readonly value: number;
}

/** The spec may plan for less than the machine has, and not for more: watermarks above what is there protect nobody. */
function narrowed(spec: Spec, facts: HostFacts): HostFacts {
  return {
    cores: Math.max(1, Math.floor(Math.min(spec.host.cores ?? facts.cores, facts.cores))),
    memoryBytes: Math.min(spec.host.memoryBytes ?? facts.memoryBytes, facts.memoryBytes),
    descriptors: Math.min(facts.descriptors, constants.descriptorsMax),
  };
}

function countWorkers(spec: Spec, host: HostFacts, memoryBytes: number): NumberReason {
  if (spec.workers !== null) return { name: 'workers', value: spec.workers, because: 'the spec says so' };
  const byMemory = Math.max(1, Math.floor(memoryBytes / (constants.workerBaseBytes + constants.workerRoomBytes)));
  const byLimit = spec.limits.connections ?? Number.MAX_SAFE_INTEGER;
  const value = Math.min(host.cores, byMemory, byLimit, constants.workersMax);
  const because =
    value === host.cores
      ? `one for each of ${host.cores} processor cores: a worker uses one core, and more would take turns`
      : value === constants.workersMax
        ? `more than ${constants.workersMax} cost the supervisor more than they carry`
        : value === byLimit
          ? 'no more workers than connections'
          : `memory for ${byMemory} of the ${host.cores} that the cores could run; fewer workers with room beat many without`;
  return { name: 'workers', value, because };
}

function bytesPerConnection(spec: Spec): NumberReason {
  const tlsEnds = Number(spec.listen.some((listen) => listen.tls !== null)) + Number(serversSpeakTls(spec));
  const plain = constants.userBytesPerConnection + constants.kernelBytesPerConnection;
  const value = plain + tlsEnds * constants.tlsBytesPerConnection;
  const tls = tlsEnds === 0 ? '' : ` + ${tlsEnds} × ${formatSize(constants.tlsBytesPerConnection)} for TLS`;
  return {
    name: 'bytesPerConnection',
    value,
    because: `an idle connection: ${formatSize(constants.userBytesPerConnection)} in the worker + ${formatSize(constants.kernelBytesPerConnection)} in the kernel${tls}`,
  };
}

function serversSpeakTls(spec: Spec): boolean {
  return spec.upstreams.some((upstream) => upstream.servers.some((server) => server.url.startsWith('https:')));
}

function low(high: number): number {
  return Math.floor(high * (1 - constants.hysteresisShare));
}

interface Bounds {
  readonly capacity: number;
  readonly bound: 'memory' | 'descriptors';
  readonly byMemory: number;
  readonly byDescriptors: number;
  readonly workers: number;
}

function reportShortage(spec: Spec, bounds: Bounds, diagnostics: Diagnostic<Code>[]): void {
  const asks = [
    { path: 'limits.connections', wanted: spec.limits.connections },
    { path: 'workload.connections', wanted: spec.workload.connections },
  ];
  for (const { path, wanted } of asks) {
    if (wanted === null || wanted <= bounds.capacity) continue;
    const each = Math.ceil(wanted / bounds.workers);
    const descriptors = each * constants.descriptorsPerConnection + constants.descriptorsSpare;
    const memory =
      (bounds.workers * (constants.workerBaseBytes + each * bytesPerConnection(spec).value) +
        constants.supervisorBytes) /
      constants.memoryShare;
    const changes = [
      ...(bounds.byDescriptors < each
        ? [`raise the descriptor limit of a worker to ${descriptors} (LimitNOFILE= in its systemd unit)`]
        : []),
      ...(bounds.byMemory < each ? [`give the host ${formatMiB(memory)} of memory`] : []),
    ];
    diagnostics.push({
      code: 'plan-connections-over-host',
      severity: catalogue['plan-connections-over-host'].severity,
      message: `${path} asks for ${wanted} connections, and this host holds ${bounds.capacity}; ${bounds.bound === 'memory' ? 'memory ends first' : 'file descriptors end first'}`,
      where: { path },
      help: `${changes.join(', and ')}, or ask for ${bounds.capacity}`,
    });
  }
}

function reportWorkers(spec: Spec, host: HostFacts, diagnostics: Diagnostic<Code>[]): void {
  if (spec.workers === null || spec.workers <= host.cores) return;
  diagnostics.push({
    code: 'plan-workers-over-cores',
    severity: catalogue['plan-workers-over-cores'].severity,
    message: `the spec asks for ${spec.workers} workers, and the host has ${host.cores} ${host.cores === 1 ? 'core' : 'cores'}`,
    where: { path: 'workers' },
    help: catalogue['plan-workers-over-cores'].remedy,
  });
}

function tooSmall(host: HostFacts, bound: 'memory' | 'descriptors'): Diagnostic<Code> {
  const what = bound === 'memory' ? `${formatMiB(host.memoryBytes)} of memory` : `${host.descriptors} file descriptors`;
  return {
    code: 'plan-host-too-small',
    severity: catalogue['plan-host-too-small'].severity,
    message: `${what} are not enough for a single worker to hold a connection`,
    help:
      bound === 'memory'
        ? 'use fewer workers, or give the host more memory'
        : `raise the limit (ulimit -n) to ${constants.descriptorsSpare + constants.descriptorsPerConnection * 100} at least`,
  };
}

function formatMiB(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}
