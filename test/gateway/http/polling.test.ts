/** Clients that begin with plain HTTP and go on as WebSockets, over three servers that know nothing of each other. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { BalanceSpec } from '../../../src/spec/model/upstream.ts';
import { startEdge, testPlan } from '../edge.ts';
import { cleanUp, onCleanUp } from '../servers.ts';

afterEach(cleanUp);

const clients = Array.from({ length: 50 }, (_, index) => index);
/** Loopback has enough addresses for every client to have one of its own. */
const addressOf = (index: number) => `127.0.0.${index + 2}`;

const balances: readonly BalanceSpec[] = [
  { kind: 'hash', key: { by: 'ip' } },
  { kind: 'sticky-cookie', cookie: { name: 'holdline', lifetimeMs: null, secret: null } },
];

async function listening(server: http.Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function edgeOver(urls: readonly string[], balance: BalanceSpec): Promise<number> {
  const plan = testPlan(urls);
  const edge = await startEdge([], {}, { plan: { ...plan, upstreams: [{ ...plan.upstreams[0]!, balance }] } });
  onCleanUp(() => edge.close());
  return edge.port;
}

describe.each(balances)('balance: $kind', { timeout: 60_000 }, (balance) => {
  test.each([
    ['polling only', ['polling']],
    ['polling, then the upgrade', ['polling', 'websocket']],
  ])('Socket.IO, %s: 50 of 50', async (_title, transports) => {
    const urls: string[] = [];
    const used = new Set<number>();
    for (const number of [0, 1, 2]) {
      const plain = http.createServer();
      const server = new Server(plain);
      server.on('connection', (socket) => {
        used.add(number);
        socket.on('echo', (text: string, answer: (text: string) => void) => answer(`${number} ${text}`));
      });
      urls.push(await listening(plain));
      onCleanUp(() => server.close());
    }
    const port = await edgeOver(urls, balance);
    const results = await Promise.all(
      clients.map(async (index) => {
        const agent = new http.Agent({ localAddress: addressOf(index), keepAlive: true });
        const socket = io(`http://127.0.0.1:${port}`, {
          transports,
          agent: agent as never,
          forceNew: true,
          reconnection: false,
          withCredentials: true,
        });
        onCleanUp(() => {
          socket.close();
          agent.destroy();
        });
        await new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('connect_error', reject);
          socket.once('disconnect', (reason) => reject(new Error(reason)));
        });
        if (transports.length > 1 && socket.io.engine.transport.name !== 'websocket')
          await new Promise<void>((resolve) => socket.io.engine.once('upgrade', () => resolve()));
        const answers: string[] = [];
        for (const text of ['a', 'b', 'c'])
          answers.push((await socket.timeout(10_000).emitWithAck('echo', text)) as string);
        return {
          transport: socket.io.engine.transport.name,
          servers: new Set(answers.map((answer) => answer[0])).size,
        };
      }),
    );
    expect(results).toEqual(clients.map(() => ({ transport: transports.at(-1), servers: 1 })));
    expect(used.size).toBe(3);
  });

  test('SignalR’s negotiate, then the WebSocket by its id: 50 of 50', async () => {
    const urls: string[] = [];
    for (let number = 0; number < 3; number++) {
      const ids = new Set<string>();
      const plain = http.createServer((_request, response) => {
        const id = randomUUID();
        ids.add(id);
        response.end(JSON.stringify({ connectionId: id }));
      });
      new WebSocketServer({
        server: plain,
        verifyClient: ({ req }: { req: http.IncomingMessage }) =>
          ids.has(new URL(req.url!, 'http://a').searchParams.get('id') ?? ''),
      }).on('connection', (socket) => socket.send('{}\u001e'));
      urls.push(await listening(plain));
    }
    const port = await edgeOver(urls, balance);
    const opened = await Promise.all(
      clients.map(async (index) => {
        const localAddress = addressOf(index);
        const asked = http.request({ port, host: '127.0.0.1', localAddress, method: 'POST', path: '/hub/negotiate' });
        asked.end();
        const [response] = (await once(asked, 'response')) as [http.IncomingMessage];
        let body = '';
        for await (const chunk of response) body += String(chunk);
        const { connectionId } = JSON.parse(body) as { connectionId: string };
        const cookie = response.headers['set-cookie']?.[0]?.split(';')[0] ?? 'none=1';
        const url = `ws://127.0.0.1:${port}/hub?id=${connectionId}`;
        const socket = new WebSocket(url, { localAddress, headers: { Cookie: cookie } });
        onCleanUp(() => socket.terminate());
        return String((await once(socket, 'message'))[0]);
      }),
    );
    expect(opened).toEqual(clients.map(() => '{}\u001e'));
  });
});
