/**
 * Two gateways in one process, and a mirror: a process through which a frozen connection's sockets travel from one to
 * the other.
 */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Asked, Departure } from '../../../src/gateway/contract.ts';
import { stateVersions } from '../../../src/gateway/handover/state.ts';
import type { TestEdge } from '../edge.ts';
import { onCleanUp } from '../servers.ts';

export interface Mirror {
  /** The same socket with a handle of its own. */
  reflect(handle: object): Promise<unknown>;
}

export function startMirror(): Mirror {
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'mirror.mjs'), [], { serialization: 'advanced' });
  const waiting = new Map<number, (handle: unknown) => void>();
  let last = 0;
  child.on('message', (id, handle) => waiting.get(id as number)?.(handle));
  onCleanUp(() => child.kill());
  return {
    reflect(handle) {
      const id = ++last;
      return new Promise((resolve) => {
        waiting.set(id, (reflected) => {
          waiting.delete(id);
          resolve(reflected);
        });
        child.send(id, handle as never);
      });
    },
  };
}

/** Freezes a connection as soon as that can be done. */
export async function frozen(edge: TestEdge, id: string): Promise<Departure> {
  for (;;) {
    const departure = edge.gateway.depart(id, stateVersions.newest);
    if (typeof departure === 'object') return departure;
    if (departure !== 'behind' && departure !== 'hook') throw new Error(`it stays: ${departure}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Hands a connection from one gateway to the other. `meanwhile` is done while it belongs to neither. */
export async function handOver(
  mirror: Mirror,
  from: TestEdge,
  to: TestEdge,
  id: string,
  meanwhile?: () => unknown,
): Promise<Asked> {
  const departure = await frozen(from, id);
  const client = await mirror.reflect(departure.client);
  const server = await mirror.reflect(departure.server);
  // As it is between processes: what travels is a copy.
  const arrival = to.gateway.receive(structuredClone(departure.state), { client, server });
  if ('problem' in arrival) {
    departure.stay();
    throw new Error(arrival.problem);
  }
  await meanwhile?.();
  const asked = departure.release();
  arrival.begin(asked);
  return asked;
}
