/** Settings of the kernel that carrying so many connections counts on, whoever carries them. */
import { roundUpTo } from './nginx/figure.ts';
import { type MachineFacts, portRange, portsWide } from './nginx/machine.ts';

export interface SystemSetting {
  readonly key: string;
  readonly value: string;
  readonly because: string;
}

export interface KernelNeeds {
  /** Length of a listening socket's queue. */
  readonly backlog: number;
  /** Descriptors of one process. */
  readonly descriptors: number;
  /**
   * Connections to servers, and the pairs of a local and a server's address that they share; null where they need no
   * ports, or nobody knows how many.
   */
  readonly ports: { readonly connections: number; readonly pairs: number } | null;
}

/** For /etc/sysctl.d; only what differs from what the host has. */
export function kernelSettings(needs: KernelNeeds, machine: MachineFacts): SystemSetting[] {
  const { backlog, descriptors, ports } = needs;
  const settings: SystemSetting[] = [];
  if (backlog > machine.somaxconn)
    settings.push({
      key: 'net.core.somaxconn',
      value: String(backlog),
      because: 'the kernel cuts every listen backlog to it',
    });
  if (
    ports !== null &&
    ports.connections > portRange(machine) * ports.pairs &&
    ports.connections <= widened(ports.pairs, machine)
  )
    settings.push({
      key: 'net.ipv4.ip_local_port_range',
      value: `${portsWide.first} ${portsWide.last}`,
      because: 'more ports for connections to the servers',
    });
  if (descriptors > machine.descriptorsCeiling)
    settings.push({
      key: 'fs.nr_open',
      value: String(roundUpTo(1_024, descriptors)),
      because: 'no process may be allowed more descriptors than this',
    });
  return settings;
}

/**
 * Ports that the wider range gives with the addresses there are; a range that is still too small is not worth changing.
 */
function widened(pairs: number, machine: MachineFacts): number {
  return Math.max(portRange(machine), portsWide.last - portsWide.first + 1) * pairs;
}
