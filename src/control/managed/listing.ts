/** The instances of a managed upstream as others see them: people, programs and the book of servers. */
import type { ManagedServer } from '../servers/entry.ts';
import type { ManagedInstance } from './instance.ts';
import type { InstanceState } from './state.ts';

/** From the last reading of the counts to the end of a handshake that was under way then, with room. */
export const leaveAfterMs = 5000;

/** One that is on its way out. */
export interface Leave {
  readonly why: string;
}

export interface Leaving extends Leave {
  readonly sinceMs: number;
  readonly ended: Promise<void>;
  readonly onEnd: () => void;
}

export function instancesOf(
  serving: readonly ManagedInstance[],
  coming: ReadonlySet<ManagedInstance>,
  leaving: ReadonlyMap<ManagedInstance, Leave>,
): InstanceState[] {
  return [
    ...serving.map((each) => stateOf(each, each.url === null ? 'starting' : 'running', waiting(each))),
    ...[...coming].map((each) => stateOf(each, 'starting', waiting(each) || 'it waits for the others')),
    ...[...leaving].map(([each, { why }]) => stateOf(each, 'leaving', why)),
  ];
}

/** Those that can be dialled; whoever leaves takes no new connections. */
export function serversOf(
  serving: readonly ManagedInstance[],
  leaving: ReadonlyMap<ManagedInstance, Leave>,
): ManagedServer[] {
  const all = [
    ...serving.map((each) => [each.url, null] as const),
    ...[...leaving].map(([each, { why }]) => [each.url, why] as const),
  ];
  return all.flatMap(([url, why]) => (url === null ? [] : [{ url, weight: 1, connectionsMax: null, leaving: why }]));
}

function stateOf(instance: ManagedInstance, state: InstanceState['state'], reason: string): InstanceState {
  const { upstream, index, generation, pid, url, restarts } = instance;
  return { upstream, instance: index, generation, pid, url, restarts, state, reason };
}

function waiting({ waitsFor }: ManagedInstance): string {
  return waitsFor === '' ? '' : `it waits for ${waitsFor}`;
}
