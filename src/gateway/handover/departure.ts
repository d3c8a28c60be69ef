import type { StayCause } from '../../base/stay-cause.ts';
import type { Departure } from '../contract.ts';
import type { Connection } from '../tunnel/connection.ts';
import type { WorkerState } from '../worker-state.ts';
import { writeState } from './fields.ts';
import { type ConnectionState, stateFields } from './state.ts';

const nothing = new Uint8Array(0);
const nothingMoves = { client: nothing, server: nothing, move: null };

/** Freezes a connection, between two chunks of bytes. Says why not where it cannot be done, or cannot be done now. */
export function freezeConnection(worker: WorkerState, connection: Connection, version: number): Departure | StayCause {
  if (connection.state !== 'open' || connection.leaves || connection.frozen) return 'closing';
  const moving = connection.movable === null ? nothingMoves : connection.movable.snapshot();
  if (moving === null) return 'moving';
  const [fromClient, fromServer] = connection.directions.map((half) => half.snapshot());
  if (typeof fromClient !== 'object') return fromClient!;
  if (typeof fromServer !== 'object') return fromServer!;
  const [toClient, toServer] = connection.directions.map(({ source }) => source);
  const client = toClient!.freeze();
  if (typeof client !== 'object') return client;
  const server = toServer!.freeze();
  if (typeof server !== 'object') {
    toClient!.thaw();
    return server;
  }
  const nowMs = worker.clock.monotonicMs();
  const state: ConnectionState = {
    facts: factsOf(connection),
    ...settingsOf(worker, connection),
    clientBytes: connection.clientBytes,
    clientMessages: connection.clientMessages,
    serverBytes: connection.serverBytes,
    serverMessages: connection.serverMessages,
    silentMs: Math.max(0, nowMs - connection.lastDataMs),
    upkeep: connection.upkeep.memory(nowMs),
    fromClient,
    fromServer,
    client: { unread: Buffer.concat([moving.client, client.unread]) },
    server: { unread: Buffer.concat([moving.server, server.unread]) },
    move: moving.move,
    messageMode: connection.messages !== null,
    deflate: deflateOf(connection),
  };
  const written = writeState(stateFields, state, version);
  connection.freeze();
  if (!written.ok) {
    connection.thaw();
    return 'state';
  }
  return {
    id: connection.id,
    state: written.raw,
    client: client.handle,
    server: server.handle,
    stay: () => connection.thaw(),
    release() {
      letGo(worker, connection);
      return connection.release();
    },
  };
}

/** It is not closed: it is only not here any more. */
function letGo(worker: WorkerState, connection: Connection): void {
  const { id, route, serverState } = connection;
  worker.connections.delete(id);
  worker.registry.remove(id);
  worker.desk.release(connection);
  worker.totals.of(route).open--;
  serverState.connections = Math.max(0, serverState.connections - 1);
}

function settingsOf(worker: WorkerState, connection: Connection) {
  const { spec, rules } = connection.settings;
  const { messageBytesMax, strict = true } = rules.client;
  return {
    route: spec.name,
    routeSpec: worker.routes.byName.has(spec.name) ? null : spec,
    messageBytesMax,
    strict,
  };
}

function deflateOf({ messages }: Connection): ConnectionState['deflate'] {
  const codec = messages?.codec ?? null;
  if (codec === null) return null;
  return { agreement: codec.agreement, deflated: codec.deflater.window, inflated: codec.inflater.window };
}

function factsOf(connection: Connection): ConnectionState['facts'] {
  const { id, openedAtMs, clientAddress, clientPort, peerAddress, tls, upstream, server, host, path } = connection;
  const { origin, userAgent, subprotocol, compressed, tags } = connection;
  return {
    id,
    openedAtMs,
    clientAddress,
    clientPort,
    peerAddress,
    tls,
    upstream,
    server,
    host,
    path,
    origin,
    userAgent,
    subprotocol,
    compressed,
    tags,
  };
}
