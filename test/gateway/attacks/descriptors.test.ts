/**
 * A worker without a free descriptor lives on, keeps whom it has, says no to whom it can, and takes clients again
 * afterwards.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { cleanUp, connect, onCleanUp } from '../servers.ts';
import { crowd, type EdgeProcess, handshake, startEdgeProcess, statusOf } from './edge-process.ts';

const limit = 256;
let edge: EdgeProcess;
let pids: readonly number[];

beforeAll(async () => {
  edge = await startEdgeProcess(await server(), { descriptors: limit });
  pids = await edge.workers();
}, 60_000);
afterAll(cleanUp);

/** Echoes messages; never answers plain HTTP. */
async function server(): Promise<string> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));
  const { createServer } = await import('node:http');
  const http = createServer(() => undefined);
  http.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (each) => sockets.emit('connection', each)),
  );
  await once(http.listen(0, '127.0.0.1'), 'listening');
  onCleanUp(() => {
    for (const each of sockets.clients) each.terminate();
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

/** What each of 400 sockets says before it stays. */
const attacks: readonly (readonly [name: string, first: string])[] = [
  ['sockets that say nothing', ''],
  ['heads that do not end', 'GET / HTTP/1.1\r\nHost: a\r\nX: '],
  ['plain requests that no server answers', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['bodies that do not come', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n'],
  ['handshakes that are refused, of clients that stay', handshake('/', 'Origin: null\r\n').replace('13', '12')],
  ['WebSockets', handshake()],
];

describe(`${limit} descriptors`, () => {
  test.each(attacks)(
    'are taken by %s',
    async (_name, first) => {
      const bystander = await connect(`ws://127.0.0.1:${edge.port}/`, { perMessageDeflate: false });
      const all = await crowd(edge.port, 400, first);
      bystander.send('still there?');
      expect(String((await once(bystander, 'message'))[0])).toBe('still there?');
      expect([0, 101, 503]).toContain(await statusOf(edge.port));
      for (const socket of all) socket.destroy();
      // The attackers are gone: clients are taken again, at the latest after the next look at what is used.
      while ((await statusOf(edge.port)) !== 101) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await edge.workers()).toEqual(pids);
      expect(edge.output()).not.toMatch(/^(fault|worker) /m);
      bystander.terminate();
    },
    60_000,
  );
});
