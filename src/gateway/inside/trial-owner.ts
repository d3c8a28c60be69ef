/** Tries at start whether `owner.ts` finds whose event threw: it throws in events of sockets, and in one of nobody. */
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import net, { type AddressInfo, type Server } from 'node:net';
import { HandleWire } from '../sockets/handle-wire.ts';
import { acceptHandles, missing } from './handles.ts';
import { type FaultOwner, faultOwner } from './owner.ts';
import { expect, outcomeOf, TrialEnd, type Used } from './trial-end.ts';

type FindOwner = () => FaultOwner | null;

/**
 * Null when faults find their owners; otherwise why not, as the end of a sentence. Only for a process of its own, which
 * what is thrown here reaches.
 */
export async function tryOwners(find: FindOwner = faultOwner): Promise<string | null> {
  return outcomeOf(async (used) => {
    await trySocket(used, find);
    await tryRequest(used, find);
    if (missing === null) await tryWire(used, find);
    const owner = await ownerOfFault(find, (fail) => setTimeout(fail, 1));
    expect(owner === null, 'a fault in a timer is taken for that of a socket');
  });
}

/** An event of a public socket. */
async function trySocket(used: Used, find: FindOwner): Promise<void> {
  const server = net.createServer();
  let socket: net.Socket | null = null;
  const owner = await ownerOfFault(find, (fail) => {
    server.once('connection', (accepted) => {
      socket = accepted;
      used.sockets.push(accepted);
      accepted.once('data', fail);
    });
    void dial(server, used, 'x');
  });
  expect(owner !== null && owner === socket, 'a fault in the event of a socket is not known to be of that socket');
}

/** A request of node:http. */
async function tryRequest(used: Used, find: FindOwner): Promise<void> {
  const server = http.createServer();
  let request: IncomingMessage | null = null;
  const owner = await ownerOfFault(find, (fail) => {
    server.once('request', (asked) => {
      request = asked;
      used.sockets.push(asked.socket);
      fail();
    });
    void dial(server, used, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  });
  const { socket } = request ?? { socket: null };
  expect(owner !== null && owner === socket, 'a fault in a request is not known to be of its socket');
}

/** An event of a handle without a socket. */
async function tryWire(used: Used, find: FindOwner): Promise<void> {
  const server = net.createServer();
  let wire: HandleWire | null = null;
  const owner = await ownerOfFault(find, (fail) => {
    server.once('listening', () => {
      acceptHandles(server, (handle) => {
        wire = new HandleWire(handle);
        used.wires.push(wire);
        const end = new TrialEnd(wire);
        end.onChunk = fail;
        wire.start(end, null);
      });
    });
    void dial(server, used, 'x');
  });
  expect(owner !== null && owner === wire, 'a fault in the event of a handle is not known to be of its wire');
}

/** `begin` gets what throws, and brings it into an event. */
function ownerOfFault(find: FindOwner, begin: (fail: () => never) => void): Promise<FaultOwner | null> {
  return new Promise((resolve) => {
    process.once('uncaughtException', () => resolve(find()));
    begin(() => {
      throw new Error('a fault for trial');
    });
  });
}

async function dial(server: Server, used: Used, text: string): Promise<void> {
  used.sockets.push({ destroy: () => server.close() });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  used.sockets.push(socket);
  socket.write(text);
}
