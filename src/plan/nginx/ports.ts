/** Local ports for the connections to the servers. */
import { timeWaitSeconds } from './constants.ts';
import { type Figure, num, sum } from './figure.ts';
import { type MachineFacts, portRange } from './machine.ts';
import { plannedClosesPerSecond, type Workload } from './workload.ts';

export interface PortFigures {
  readonly needed: Figure;
  readonly available: Figure;
  /** Pairs of a local address and a server address that the ports need. */
  readonly addressPairs: Figure;
}

/** null: servers behind unix sockets need no ports. */
export function planPorts(workload: Workload, machine: MachineFacts): PortFigures | null {
  if (workload.servers === null) return null;
  const range = portRange(machine);
  const closes = plannedClosesPerSecond(workload);
  const needed = Math.ceil(workload.connections + timeWaitSeconds * closes);
  return {
    needed: sum({
      name: 'local ports needed',
      value: needed,
      unit: 'count',
      because:
        'one for each connection to a server, and one for each that closed in the last minute (TIME_WAIT), because nginx closes first',
      formula: `round up(${num(workload.connections)} + ${timeWaitSeconds} × ${num(closes, 6)})`,
    }),
    available: sum({
      name: 'local ports available',
      value: range * workload.sourceAddresses * workload.servers,
      unit: 'count',
      because: 'the range counts anew for every pair of a local address and a server’s address and port',
      formula: `(${machine.portLast} - ${machine.portFirst} + 1) × ${num(workload.sourceAddresses)} × ${num(workload.servers)}`,
    }),
    addressPairs: sum({
      name: 'pairs of local and server address needed',
      value: Math.max(1, Math.ceil(needed / range)),
      unit: 'count',
      because: 'more servers, or more local addresses through proxy_bind, each bring the whole range again',
      formula: `larger of (1, round up(${num(needed)} ÷ ${num(range)}))`,
    }),
  };
}
