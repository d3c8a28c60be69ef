/**
 * The kernel's word for who is connected: the log of a worker that was killed says nothing of the end, and that of a
 * living one nothing of bytes.
 */
import { formatAddress, parseAddress } from '../../../base/address.ts';
import { readableAddress, visitTcpSockets } from '../../../host/tcp-table.ts';
import { readTraffic, type TcpTraffic } from '../../../host/tcp-traffic.ts';

/** One text for one socket's other end, whoever wrote its address. */
export function otherEnd(address: string, port: number): string {
  const parsed = parseAddress(address);
  return `${parsed === null ? address : formatAddress(parsed)} ${port}`;
}

/** The other end of each connection to one of the ports, in the network namespace of a process. */
export function readClients(pid: number, ports: ReadonlySet<number>): ReadonlySet<string> {
  const clients = new Set<string>();
  visitTcpSockets(pid, ({ inode, localPort, remote, remotePort, state }) => {
    // Without an inode nobody has it any more: the kernel only sends what is left.
    if (state === 'listening' || inode === 0 || !ports.has(localPort)) return;
    clients.add(otherEnd(readableAddress(remote), remotePort));
  });
  return clients;
}

/** What went over each connection to one of the ports; null when the kernel could not be asked. */
export async function readClientTraffic(
  ss: string,
  ports: ReadonlySet<number>,
): Promise<ReadonlyMap<string, TcpTraffic> | null> {
  const traffic = await readTraffic(ss, ports);
  return traffic && new Map(traffic.map((each) => [otherEnd(each.remote, each.remotePort), each]));
}
