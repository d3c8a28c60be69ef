/** The kernel's word for who is connected: the log of a worker that was killed says nothing of the end. */
import { readableAddress, visitTcpSockets } from '../../../host/tcp-table.ts';

/** `10.0.0.7:51234` of each client that has a socket on one of the ports, in the network namespace of a process. */
export function readClients(pid: number, ports: ReadonlySet<number>): ReadonlySet<string> {
  const clients = new Set<string>();
  visitTcpSockets(pid, ({ inode, localPort, remote, remotePort, state }) => {
    // Without an inode nobody has it any more: the kernel only sends what is left.
    if (state === 'listening' || inode === 0 || !ports.has(localPort)) return;
    clients.add(`${readableAddress(remote)}:${remotePort}`);
  });
  return clients;
}
