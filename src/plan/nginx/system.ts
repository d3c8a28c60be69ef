/** Settings outside nginx that a plan counts on: sysctl lines and the systemd unit's limits. */
import { roundUpTo } from './figure.ts';
import { portRange, portsWide } from './machine.ts';
import type { NginxPlan } from './plan.ts';

export interface SystemSetting {
  readonly key: string;
  readonly value: string;
  readonly because: string;
}

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
  const sysctl: SystemSetting[] = [];
  if (workers.backlog.value > machine.somaxconn)
    sysctl.push({
      key: 'net.core.somaxconn',
      value: String(workers.backlog.value),
      because: 'the kernel cuts every listen backlog to it',
    });
  if (ports !== undefined && ports.need > ports.have && ports.need <= widened(plan))
    sysctl.push({
      key: 'net.ipv4.ip_local_port_range',
      value: `${portsWide.first} ${portsWide.last}`,
      because: 'more ports for connections to the servers',
    });
  if (descriptors > machine.descriptorsCeiling)
    sysctl.push({
      key: 'fs.nr_open',
      value: String(roundUpTo(1_024, descriptors)),
      because: 'no process may be allowed more descriptors than this',
    });
  const stopSeconds = Math.ceil(timeouts.workerShutdownTimeout.value / 1000) + stopMarginSeconds;
  return {
    sysctl,
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

/** Ports that the wider range gives with the addresses there are; a range that is still too small is not worth changing. */
function widened({ workload, machine }: NginxPlan): number {
  const range = Math.max(portRange(machine), portsWide.last - portsWide.first + 1);
  return range * workload.sourceAddresses * (workload.servers ?? 1);
}
