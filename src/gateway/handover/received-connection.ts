import type { ScanRules } from '../../ws/scanner.ts';
import type { ReceivedOutcome } from '../contract.ts';
import { redialler } from '../handshake/redial/redial.ts';
import { intern } from '../intern.ts';
import { continuedDeflate, messageMode } from '../messages/mode.ts';
import { wireOfFrozen } from '../sockets/wire-of.ts';
import { Connection } from '../tunnel/connection.ts';
import type { ConnectionOptions } from '../tunnel/connection-options.ts';
import { Recorder } from '../tunnel/moving/replay.ts';
import type { WorkerState } from '../worker-state.ts';
import { readState } from './fields.ts';
import { type ConnectionState, stateFields, stateVersions } from './state.ts';

/** Takes over a frozen connection: `handles` are its sockets as they came out of the other process. */
export function receiveConnection(
  worker: WorkerState,
  raw: unknown,
  handles: { readonly client: unknown; readonly server: unknown },
): ReceivedOutcome {
  const read = readState(stateFields, raw, stateVersions);
  if (!read.ok) return { problem: read.problem };
  const { state } = read;
  const route = worker.routes.byName.get(state.route)?.spec ?? state.routeSpec;
  if (route === null) return { problem: `there is no route ${state.route} here` };
  if (worker.connections.has(state.facts.id)) return { problem: 'it is here already' };
  const client = wireOfFrozen(handles.client, state.client.unread, worker.usesHandles);
  const server = wireOfFrozen(handles.server, state.server.unread, worker.usesHandles);
  if (client === null || server === null) return { problem: 'its sockets did not arrive' };

  const serverState = worker.upstreams.held(state.facts.upstream, state.facts.server);
  const totals = worker.totals.of(route.name);
  const codec = state.deflate === null ? null : continuedDeflate(state.deflate, state.messageBytesMax);
  const connection: Connection = new Connection({
    host: worker,
    facts: internedFacts(state.facts),
    serverState,
    route,
    totals,
    client,
    server,
    rules: rulesOf(state),
    messages: state.messageMode ? messageMode(worker, codec, () => connection) : null,
    move: state.move === null ? null : moveOf(worker, state.move, rulesOf(state).client),
  });
  goOn(worker, connection, state);
  // Counted before the other worker lets go, so that nobody sees too few for a moment.
  worker.desk.note(connection);
  totals.open++;
  serverState.connections++;
  return {
    id: connection.id,
    begin(asked) {
      worker.connections.set(connection.id, connection);
      worker.registry.add(connection);
      connection.open(null, null);
      connection.obey(asked);
    },
    drop() {
      connection.release();
      worker.desk.release(connection);
      totals.open--;
      serverState.connections = Math.max(0, serverState.connections - 1);
    },
  };
}

function moveOf(
  worker: WorkerState,
  { remembered, recorder: recorded }: NonNullable<ConnectionState['move']>,
  rules: ScanRules,
): ConnectionOptions['move'] {
  const recorder = recorded && new Recorder(recorded.rules, rules, recorded.agreement);
  if (recorded !== null) recorder?.restore(recorded);
  return { redialler: redialler(worker, remembered), recorder };
}

function goOn(worker: WorkerState, connection: Connection, state: ConnectionState): void {
  const nowMs = worker.clock.monotonicMs();
  connection.clientBytes = state.clientBytes;
  connection.clientMessages = state.clientMessages;
  connection.serverBytes = state.serverBytes;
  connection.serverMessages = state.serverMessages;
  connection.lastDataMs = nowMs - state.silentMs;
  const [fromClient, fromServer] = connection.directions;
  fromClient!.restore(state.fromClient);
  fromServer!.restore(state.fromServer);
  connection.upkeep.remember(state.upkeep, nowMs);
  connection.resumeRates();
}

/** One copy for all connections that live by the same. */
const sharedRules = new Map<string, ConnectionOptions['rules']>();
/** More than there are routes; the table starts anew past it, since it only saves memory. */
const sharedRulesMax = 1024;

function rulesOf({ facts, messageBytesMax, strict }: ConnectionState): ConnectionOptions['rules'] {
  const compression = facts.compressed;
  const key = `${compression} ${messageBytesMax} ${strict}`;
  const known = sharedRules.get(key);
  if (known !== undefined) return known;
  if (sharedRules.size >= sharedRulesMax) sharedRules.clear();
  const both = { compression, messageBytesMax, strict };
  const rules = { client: { masked: true, ...both }, server: { masked: false, ...both } };
  sharedRules.set(key, rules);
  return rules;
}

function internedFacts(facts: ConnectionState['facts']): ConnectionState['facts'] {
  return {
    ...facts,
    clientAddress: intern(facts.clientAddress),
    peerAddress: intern(facts.peerAddress),
    upstream: intern(facts.upstream),
    server: intern(facts.server),
    host: intern(facts.host),
    path: intern(facts.path),
    origin: intern(facts.origin),
    userAgent: intern(facts.userAgent),
    subprotocol: intern(facts.subprotocol),
  };
}
