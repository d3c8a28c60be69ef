import { readState, type WrittenState, writeState } from '../../gateway/handover/fields.ts';
import type { Current } from '../change/current.ts';
import { drainOfRoute } from '../drain/of-edge.ts';
import type { EdgeParts } from '../parts.ts';
import type { Inherited } from './inherited.ts';
import { type SupervisorState, supervisorFields, supervisorVersions } from './state.ts';

/** What is known outside of the edge's parts. */
export type Outside = Pick<SupervisorState, 'from' | 'control' | 'sessions' | 'perSecond'>;

export function stateOf(
  parts: EdgeParts,
  { current, startedAtMs, addresses }: { current: Current } & Pick<SupervisorState, 'startedAtMs' | 'addresses'>,
  outside: Outside,
): SupervisorState {
  const { pool, gates, book, servers, drains, named, managed, desk } = parts;
  const { workers, gone, restarts } = pool.kept();
  return {
    ...outside,
    startedAtMs,
    plan: current.plan,
    addresses,
    workers,
    goneTotals: gone,
    workerRestarts: restarts,
    stickyKey: parts.stickyKey,
    ticketSecret: current.ticketSecret,
    gate: gates.state(),
    servers: book.kept(),
    sweeps: servers.kept(),
    drains: drains.kept(),
    addressesOfNames: named.kept(),
    managed: managed.kept(),
    places: desk.kept(),
  };
}

/**
 * Everything goes on where it was. The plan is the new supervisor's own, and what differs in it is done as by a reload.
 */
export function takeUp(parts: EdgeParts, current: Current, inherited: Inherited): void {
  const { pool, gates, book, servers, drains, named, managed, desk, chronicle, children } = parts;
  const { state } = inherited;
  for (const past of inherited.past) chronicle.restore(past);
  named.restore(state.addressesOfNames);
  named.apply(current.plan);
  book.apply(named.resolved(current.plan));
  managed.apply(current.plan);
  const left = book.restore(state.servers);
  gates.restore(state.gate);
  drains.restore(state.drains);
  servers.restore(state.sweeps);
  for (const { worker, places } of state.places) desk.recount(worker, places);
  pool.adopt(state.workers, { totals: state.goneTotals, restarts: state.workerRestarts });
  for (const child of children.strangers()) child.kill('SIGKILL');
  pool.tellAll({ kind: 'apply', plan: named.resolved(current.plan), servers: book.lists() });
  pool.tellAll({ kind: 'certificates', certificates: current.certificates });
  pool.tellAll({ kind: 'gate', gate: gates.state() });
  if (inherited.recounts) recount(parts);
  servers.sweep(left);
  for (const { name } of state.plan.routes) {
    if (current.plan.routes.some((route) => route.name === name)) continue;
    drains.start(drainOfRoute(name, `route ${name}, which is no longer in the spec`)).catch(() => undefined);
  }
}

function recount({ pool, desk }: EdgeParts): void {
  for (const { pid } of pool.ready())
    pool.askOne(pid, 'reservations', {}).then(
      (places) => desk.recount(pid, places),
      // It does not answer, or is of a version that does not know the question: what it holds is not counted.
      () => undefined,
    );
}

/** In a version that the other one reads. */
export function writeSupervisor(state: SupervisorState, version: number): WrittenState {
  return writeState(supervisorFields, state, version);
}

export function readSupervisor(raw: unknown) {
  return readState(supervisorFields, raw, supervisorVersions);
}
