/** Who reads slower than the other side writes, and leaves in the middle of it, costs nobody but itself. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { cleanUp, connect, onCleanUp } from '../servers.ts';
import { type EdgeProcess, handshake, startEdgeProcess } from './edge-process.ts';

let edge: EdgeProcess;
let pids: readonly number[];

beforeAll(async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const block = Buffer.alloc(60_000, 1);
  server.on('connection', (socket, request) => {
    socket.on('error', () => undefined);
    if (request.url === '/deaf') socket.pause();
    else socket.on('message', (data, binary) => socket.send(data, { binary }));
    const more = () => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(block, () => (socket.bufferedAmount < 500_000 ? setImmediate(more) : setTimeout(more, 2)));
    };
    if (request.url === '/feed') more();
  });
  onCleanUp(() => {
    for (const each of server.clients) each.terminate();
    server.close();
  });
  edge = await startEdgeProcess(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  pids = await edge.workers();
}, 60_000);
afterAll(cleanUp);

/** Ends when the client has done what it does to the edge. */
type Client = (socket: net.Socket) => Promise<void>;

const sips: Client = async (socket) => {
  for (let sip = 0; sip < 8; sip++) {
    await sleep(25);
    socket.read(30_000);
  }
};
const attacks: readonly (readonly [name: string, target: string, client: Client])[] = [
  ['readers that take sips and leave', '/feed', sips],
  ['readers that take nothing and leave', '/feed', () => sleep(150)],
  [
    'readers that catch up between two writes',
    '/feed',
    async (socket) => {
      socket.on('data', () => {
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
      await sleep(200);
    },
  ],
  ['readers that finish their side and go on reading', '/feed', async (socket) => sips(socket.end())],
  [
    'writers to a server that does not read',
    '/deaf',
    async (socket) => {
      const frame = Buffer.concat([Buffer.from([0x82, 0xfe, 0xea, 0x60, 0, 0, 0, 0]), Buffer.alloc(60_000)]);
      for (let i = 0; i < 100 && socket.writableLength < 2_000_000; i++) socket.write(frame);
      await sleep(150);
    },
  ],
];

describe('backpressure', () => {
  test.each(attacks)(
    '%s',
    async (_name, target, client) => {
      const bystander = await connect(`ws://127.0.0.1:${edge.port}/`, { perMessageDeflate: false });
      await Promise.all(
        Array.from({ length: 25 }, async (_, index) => {
          await sleep(index * 10);
          for (let round = 0; round < 4; round++) {
            const socket = net.connect({ port: edge.port, host: '127.0.0.1', allowHalfOpen: true });
            socket.on('error', () => undefined);
            socket.write(handshake(target));
            await Promise.race([once(socket, 'readable'), once(socket, 'close')]).catch(() => undefined);
            await client(socket);
            socket.destroy();
          }
        }),
      );
      bystander.send('still there?');
      expect(String((await once(bystander, 'message'))[0])).toBe('still there?');
      expect(await edge.workers()).toEqual(pids);
      expect(edge.output()).not.toMatch(/^(fault|worker) /m);
      bystander.terminate();
    },
    60_000,
  );
});
