import type { TestEdge } from '../edge.ts';
import { echoServer, edgeFor } from '../servers.ts';
import { type HookedPlan, hookedPlan } from './module.ts';

export async function hooked(
  options: Omit<HookedPlan, 'servers'> & { servers?: readonly string[] },
): Promise<TestEdge> {
  const servers = options.servers ?? [(await echoServer()).url];
  return edgeFor([...servers], {}, { plan: hookedPlan({ ...options, servers }) });
}
