/** Settings outside nginx that a plan counts on: sysctl lines and the systemd unit's limits. */
import { kernelSettings, type SystemSetting } from '../system.ts';
import { roundUpTo } from './figure.ts';
import type { NginxPlan } from './plan.ts';

export interface SystemSettings {
  /** For /etc/sysctl.d; only what differs from what the host has. */
  readonly sysctl: readonly SystemSetting[];
  /** For the [Service] section of a drop-in of nginx.service. */
  readonly systemd: readonly SystemSetting[];
}

/** Below this systemd's own default stop time-out would cut before nginx does. */
const stopMarginSeconds = 10;

export function systemSettings(plan: NginxPlan): SystemSettings {
  const { machine, workers, timeouts } = plan;
  const descriptors = workers.workerRlimitNofile.value;
  const ports = plan.limits.find((limit) => limit.name === 'ports');
  const needs = {
    backlog: workers.backlog.value,
    descriptors,
    ports: ports === undefined ? null : { connections: ports.need, pairs: pairsOf(plan) },
  };
  const stopSeconds = Math.ceil(timeouts.workerShutdownTimeout.value / 1000) + stopMarginSeconds;
  return {
    sysctl: kernelSettings(needs, machine),
    systemd: [
      {
        key: 'LimitNOFILE',
        value: String(Math.max(roundUpTo(1_024, descriptors), 65_536)),
        because: 'worker_rlimit_nofile cannot go above it; when it does, nginx logs an alert and goes on with less',
      },
      {
        key: 'KillSignal',
        value: 'SIGQUIT',
        because: 'asks the workers to finish; the usual SIGTERM cuts every WebSocket at once',
      },
      {
        key: 'TimeoutStopSec',
        value: String(stopSeconds),
        because:
          'longer than worker_shutdown_timeout; Debian’s unit allows 5 seconds, so a restart there cuts everybody',
      },
    ],
  };
}

/** Of a local and a server's address: each brings the whole range of ports. */
function pairsOf({ workload }: NginxPlan): number {
  return workload.sourceAddresses * (workload.servers ?? 1);
}
