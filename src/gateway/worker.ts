import { randomBytes } from 'node:crypto';
import { type Cidr, parseCidr } from '../base/address.ts';
import { emptyRecord } from '../base/record.ts';
import type { EdgePlan } from '../plan/edge/model.ts';
import type { OverloadFacts } from '../policy/admission/overload.ts';
import { connectionEnded } from '../policy/balance/server-state.ts';
import { Registry } from '../registry/registry.ts';
import { type GatewayOptions, openGate } from './contract.ts';
import { type Fault, takeFault } from './faults/faults.ts';
import { LocalDesk } from './handshake/admission-desk.ts';
import { MoveTurns } from './handshake/redial/turns.ts';
import type { WorkerHooks } from './hooks/hooks.ts';
import { tellClosed } from './hooks/life.ts';
import { missing } from './inside/handles.ts';
import { tlsMissing } from './inside/tls.ts';
import { MessageStore } from './messages/store.ts';
import { Turns } from './messages/turns.ts';
import { OverloadWatch } from './overload-watch.ts';
import { openDescriptors, residentBytes } from './process-use.ts';
import { liveRoutes } from './routing/route-table.ts';
import { Upstreams } from './routing/upstream.ts';
import type { Connection } from './tunnel/connection.ts';
import { Losses, type ServerLoss } from './tunnel/losses.ts';
import { Wheel } from './tunnel/wheel.ts';
import { RouteCounters, type WorkerState } from './worker-state.ts';

/** What one worker's gateway begins with, what becomes of connections that end or move, and what a new plan changes. */
export function createWorker(options: GatewayOptions, hooks: WorkerHooks): WorkerState {
  const { plan, clock, random, onEvent } = options;
  let sequence = 0;
  const losses = new Losses(options.onServerLost ?? letAllGoOn);
  const upstreams = new Upstreams();
  upstreams.apply(plan.upstreams);
  const worker: WorkerState = {
    plan,
    routes: liveRoutes(plan),
    trustedProxies: cidrs(plan),
    stickyKey: options.stickyKey ?? randomBytes(32).toString('base64url'),
    gate: openGate,
    pendingHandshakes: 0,
    patiences: new Set(),
    desk: options.desk ?? new LocalDesk({ plan, clock, random }),
    overload: new OverloadWatch(plan.limits, options.measure ?? (() => measureProcess(worker))),
    originsSeen: emptyRecord(),
    upstreams,
    hooks,
    messageTurns: new Turns(
      () => clock.monotonicMs(),
      (thrown, stepper) => noteFault(worker, takeFault(thrown, { destroy: (fault) => stepper.cut(fault) })),
    ),
    messageStore: new MessageStore(),
    moveTurns: new MoveTurns(),
    registry: new Registry(),
    connections: new Map(),
    totals: new RouteCounters(),
    // Only connections are due.
    wheel: new Wheel(clock, (error, due) => {
      noteFault(worker, takeFault(error, { destroy: (fault) => (due as Connection).cut(fault) }));
    }),
    usesHandles: options.sockets !== 'public' && missing === null,
    findsOwners: options.sockets !== 'public',
    usesTlsHandles: (options.sockets ?? 'direct') === 'direct' && missing === null && tlsMissing === null,
    clock,
    random,
    emit: onEvent,
    // Padded, so that ids of one worker sort by age.
    nextId: () => `${options.idPrefix}-${(sequence++).toString(36).padStart(6, '0')}`,
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    onBroken: (connection) => losses.broke(connection),
    onAdopted: (before) => connectionEnded(before, { by: 'edge', livedMs: 0 }, clock.monotonicMs()),
    onMoved: (connection, told) => {
      const { route } = connection;
      const failed = 'detail' in told;
      worker.totals.moved(route, failed ? 'failed' : told.reason);
      if (failed) worker.emit({ kind: 'move-failed', route, id: connection.id, ...told });
      else worker.emit({ kind: 'moved', route, id: connection.id, server: connection.server, ...told });
    },
    onEnd: (connection, end) => {
      // Both ends of a connection may say that it is over.
      if (!worker.connections.delete(connection.id)) return;
      worker.registry.remove(connection.id);
      worker.desk.release(connection);
      connectionEnded(
        connection.serverState,
        { by: end.by, livedMs: end.closedAtMs - connection.openedAtMs },
        clock.monotonicMs(),
      );
      worker.totals.ended(connection, end);
      worker.emit({ kind: 'closed', record: connection, end });
      tellClosed(worker, connection, end);
    },
  };
  return worker;
}

/** Where nobody sets a pace. */
function letAllGoOn({ connections }: ServerLoss): void {
  for (const connection of connections) connection.takeTurn();
}

export function followPlan(worker: WorkerState, plan: EdgePlan): void {
  worker.plan = plan;
  worker.routes = liveRoutes(plan);
  worker.trustedProxies = cidrs(plan);
  worker.desk.apply(plan);
  worker.overload.limits = plan.limits;
  worker.upstreams.apply(plan.upstreams);
  worker.hooks.follow(plan.hooks);
  for (const connection of worker.connections.values()) {
    const route = worker.routes.byName.get(connection.route);
    if (route !== undefined) connection.follow(route.spec);
  }
}

export function stopTimers(worker: WorkerState): void {
  worker.wheel.close();
  worker.overload.close();
}

/** Tells of a fault. True when it has cost no more than one socket. */
export function noteFault(worker: WorkerState, fault: Fault): boolean {
  worker.totals.fault(fault.ends);
  worker.emit({ kind: 'fault', ...fault });
  return fault.ends === 'socket';
}

/**
 * Where the system does not tell: two sockets for each connection, and about this many for listeners, pipes, the log
 * and plain HTTP.
 */
const descriptorsAside = 64;

function measureProcess(worker: WorkerState): OverloadFacts {
  const counted = 2 * (worker.connections.size + worker.pendingHandshakes) + descriptorsAside;
  return { memoryBytes: residentBytes(), descriptors: openDescriptors() ?? counted };
}

function cidrs(plan: EdgePlan): Cidr[] {
  return plan.trustedProxies.map(parseCidr).filter((cidr) => cidr !== null);
}
