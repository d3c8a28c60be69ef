import { closeCauses } from '../base/close-cause.ts';
import { retryAfterSeconds } from '../policy/admission/retry-after.ts';
import type { Totals } from '../registry/totals.ts';
import type { CloseAllRequest, Gateway, GatewayOptions } from './contract.ts';
import { takeFault } from './faults/faults.ts';
import { freezeConnection } from './handover/departure.ts';
import { receiveConnection } from './handover/received-connection.ts';
import { arrive, turnAway } from './handshake/arrival.ts';
import { EarlyBytes } from './handshake/early-bytes.ts';
import { HandshakePace } from './handshake/pace.ts';
import { upgrade } from './handshake/upgrade.ts';
import { startHooks } from './hooks/hooks.ts';
import { HttpRelay } from './http/relay.ts';
import { faultOwner } from './inside/owner.ts';
import type { Call } from './listen/call.ts';
import { type Listener, listen } from './listen/listener.ts';
import { Taps } from './tap/taps.ts';
import type { Connection } from './tunnel/connection.ts';
import { closeBetweenMessages } from './tunnel/leave.ts';
import { createWorker, followPlan, noteFault, stopTimers } from './worker.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Starts one worker's data plane. Rejects with the system's error (EADDRINUSE, EACCES …) when a listener cannot listen,
 * or with that of OpenSSL when a certificate cannot be used, or with `hooks-unloadable`.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { plan, clock, onEvent } = options;
  const worker = createWorker(options, await startHooks({ file: plan.hooks, clock, emit: onEvent }));
  const relay = new HttpRelay(worker);
  const taps = new Taps({ clock, find: (id) => worker.connections.get(id) });
  const pace = new HandshakePace(() => clock.monotonicMs());
  const listeners: Listener[] = [];
  try {
    for (const [index, spec] of options.plan.listen.entries()) {
      listeners.push(
        await listen({
          listen: spec,
          handle: options.handles[index] ?? null,
          certificate: options.certificates[index] ?? null,
          headTimeoutMs: Math.min(...options.plan.routes.map((route) => route.handshake.timeoutMs), headTimeoutMsMax),
          headBytesMax: plan.limits.headBytesMax,
          proxies: spec.proxyProtocol ? () => worker.trustedProxies : null,
          usesHandles: worker.usesHandles,
          usesTlsHandles: worker.usesTlsHandles,
          arrivals: {
            onCall: (call) => paced(worker, pace, call),
            onRequest: (request, response) => relay.relay(request, response),
            onNonsense: (clientAddress, status, detail) => noteNonsense(worker, clientAddress, status, detail),
            onSocket: () => worker.overload.noteSocket(),
          },
        }),
      );
    }
  } catch (error) {
    stopTimers(worker);
    await Promise.all([worker.hooks.close(), ...listeners.map((listener) => listener.close())]);
    throw error;
  }

  let closing: Promise<void> | null = null;
  return {
    addresses: listeners.map((listener) => listener.address),
    registry: worker.registry,
    apply: (plan) => followPlan(worker, plan),
    setCertificates: (certificates) => {
      for (const [index, listener] of listeners.entries()) listener.setCertificate(certificates[index] ?? null);
    },
    setServers: (upstream, servers) => worker.upstreams.setServers(upstream, servers),
    setPeerLoads: (loads) => worker.upstreams.setPeerConnections(loads),
    setGate: (gate) => {
      worker.gate = gate;
    },
    closeConnection: (id, request) => {
      const connection = worker.connections.get(id);
      connection?.close(request);
      return connection !== undefined;
    },
    drainConnection: (id, request) => {
      const connection = worker.connections.get(id);
      if (connection === undefined || connection.leaves) return false;
      if (connection.state === 'closing') return connection.takeTurn();
      closeBetweenMessages(connection, request, worker.wheel);
      return true;
    },
    moveConnection: (id, reason, request) => {
      const connection = worker.connections.get(id);
      if (connection === undefined) return false;
      // Whoever reaches it first gives it its turn.
      if (connection.takeTurn()) return true;
      if (connection.state === 'closing') return false;
      const close = () => closeBetweenMessages(connection, request, worker.wheel);
      // One that was to be moved for evenness stays where it is well.
      if (!connection.move(reason, reason === 'drain' ? close : () => undefined)) close();
      return true;
    },
    takeTurn: (id) => worker.connections.get(id)?.takeTurn() ?? false,
    send: (id, message) => worker.connections.get(id)?.send(message) ?? 'unknown',
    tap: (id, viewer) => taps.ask(id, viewer),
    untap: (id, viewer) => taps.leave(id, viewer),
    depart: (id, version) => {
      const connection = worker.connections.get(id);
      return connection === undefined ? 'closing' : freezeConnection(worker, connection, version);
    },
    calm: (id, on) => worker.connections.get(id)?.calm(on),
    stopAccepting: () => {
      for (const listener of listeners) listener.stopAccepting();
    },
    get empty() {
      return worker.connections.size === 0 && worker.pendingHandshakes === 0;
    },
    receive: (state, handles) => receiveConnection(worker, state, handles),
    takeFault: (thrown) => noteFault(worker, takeFault(thrown, worker.findsOwners ? faultOwner() : null)),
    totals: () => totalsOf(worker),
    passiveSigns: () => worker.upstreams.passiveSigns(worker.clock.monotonicMs()),
    originsSeen: () => worker.originsSeen,
    close: (request) => {
      closing ??= closeAll(worker, listeners, request).then(() => {
        relay.close();
        taps.close();
        stopTimers(worker);
        return worker.hooks.close();
      });
      return closing;
    },
  };
}

/** A head is one packet or two: whoever needs longer than this for it is holding a descriptor for nothing. */
const headTimeoutMsMax = 10_000;

/** Begins a handshake when its turn comes; a crowd that is too long is turned away unread. */
function paced(worker: WorkerState, pace: HandshakePace, call: Call): void {
  const early = new EarlyBytes(call.wire, call.head);
  call.wire.start(early, null);
  const begun = pace.add(() => {
    const failed = (error: unknown) => noteFault(worker, takeFault(error, call.wire));
    try {
      upgrade(worker, call, early)?.catch(failed);
    } catch (error) {
      failed(error);
    }
  });
  if (begun) return;
  const retryAfter = retryAfterSeconds('overload', 0, worker.random());
  const sentence = 'more handshakes arrive than can be answered';
  turnAway(worker, arrive(worker, call, early), 'overload', {
    status: 503,
    sentence,
    headers: ['Retry-After', String(retryAfter)],
  });
}

function noteNonsense(worker: WorkerState, clientAddress: string, status: number | null, detail: string): void {
  const refusal = {
    outcome: 'bad-handshake',
    status,
    route: null,
    clientAddress,
    host: '',
    path: '',
    origin: null,
    detail,
  } as const;
  worker.totals.refused(refusal);
  worker.emit({ kind: 'refused', refusal });
}

function totalsOf(worker: WorkerState): Totals {
  const { byRoute } = worker.totals;
  for (const totals of Object.values(byRoute)) totals.bufferedBytes = 0;
  for (const connection of worker.connections.values())
    worker.totals.of(connection.route).bufferedBytes += connection.bufferedBytes;
  return { routes: byRoute, openByServer: worker.upstreams.openByServer(), faults: { ...worker.totals.faults } };
}

/** Oldest first, because they were promised least; and all of them at once, since nobody new comes in any more. */
async function closeAll(worker: WorkerState, listeners: readonly Listener[], request: CloseAllRequest): Promise<void> {
  worker.gate = { ...worker.gate, closed: true };
  for (const listener of listeners) listener.stopAccepting();
  // A tunnel that opened now would be cut at once; refused, the client asks somebody who stays.
  for (const patience of worker.patiences) patience.lose('shutdown');
  const connections: Connection[] = [...worker.connections.values()];
  for (const connection of connections)
    connection.close({
      code: request.code,
      reason: request.reason,
      cause: request.cause,
      by: closeCauses[request.cause].by,
    });
  const deadlineMs = worker.clock.monotonicMs() + request.graceMs;
  while (worker.connections.size > 0) {
    if (worker.clock.monotonicMs() >= deadlineMs)
      for (const connection of worker.connections.values()) connection.cut();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await Promise.all(listeners.map((listener) => listener.close()));
}
