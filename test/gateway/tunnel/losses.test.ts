/**
 * A server that is lost with many clients at once: they wait for their turns. One that breaks a single connection is
 * not lost.
 */
import { once } from 'node:events';
import type net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { ServerLoss } from '../../../src/gateway/tunnel/losses.ts';
import { encodeFrame } from '../../../src/ws/frame.ts';
import { opcodes } from '../../../src/ws/opcode.ts';
import type { RouteChange, TestEdge } from '../edge.ts';
import { cleanUp, connect, echoServer, edgeFor } from '../servers.ts';

afterEach(cleanUp);

const drained = { code: 4000, reason: 'drained', cause: 'drain', by: 'operator' } as const;

interface Crowd {
  readonly edge: TestEdge;
  readonly clients: readonly WebSocket[];
  /** At the server, in the order of the clients. */
  readonly sockets: readonly net.Socket[];
  /** How each client was closed, in order. */
  readonly codes: number[];
  /** Resolves with the codes once so many have been closed. */
  closed(count: number): Promise<number[]>;
  /** Resolves with the next loss that the gateway tells of. */
  lost(): Promise<ServerLoss>;
  kill(): void;
}

/** So many clients of one server, one after the other, and nobody who sets a pace but the test. */
async function crowd(count: number, change: RouteChange = {}): Promise<Crowd> {
  const sockets: net.Socket[] = [];
  const { url, server } = await echoServer();
  server.on('connection', (_socket, request) => sockets.push(request.socket));
  const losses: ServerLoss[] = [];
  let wake = () => {};
  const onServerLost = (loss: ServerLoss) => {
    losses.push(loss);
    wake();
  };
  const edge = await edgeFor([url], change, { onServerLost });
  const codes: number[] = [];
  const clients: WebSocket[] = [];
  for (let index = 0; index < count; index++) {
    const client = await connect(edge.url());
    client.on('close', (code) => codes.push(code));
    client.on('error', () => {});
    clients.push(client);
  }
  return {
    edge,
    clients,
    sockets,
    codes,
    async closed(count) {
      while (codes.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
      return codes;
    },
    async lost() {
      while (losses.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return losses.shift()!;
    },
    kill() {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}

describe('a server that is killed', () => {
  test('closes nobody by itself: each gets 1012 when its turn comes', async () => {
    const { edge, clients, codes, closed, lost, kill } = await crowd(20);
    kill();
    const { connections, server } = await lost();
    expect(connections).toHaveLength(20);
    expect(connections.every(({ state }) => state === 'closing')).toBe(true);
    expect(edge.gateway.registry.get(connections[0]!.id)).toMatchObject({ state: 'closing', server });
    clients[0]!.send('nobody hears this');
    expect(codes).toEqual([]);
    for (const [index, { id }] of connections.entries()) {
      expect(edge.gateway.takeTurn(id)).toBe(true);
      expect((await edge.ended()).end).toMatchObject({ by: 'server', cause: 'server-lost', code: 1012 });
      expect([...edge.gateway.registry.all()]).toHaveLength(19 - index);
    }
    expect(new Set(await closed(20))).toEqual(new Set([1012]));
    expect(edge.gateway.takeTurn(connections[0]!.id)).toBe(false);
    expect(Object.values(edge.gateway.totals().openByServer)).toEqual([0]);
  });

  test('who leaves before its turn is answered at once, and has no turn', async () => {
    const { edge, clients, lost, kill, closed } = await crowd(12);
    kill();
    const { connections } = await lost();
    clients[3]!.close(4001, 'enough');
    const { record, end } = await edge.ended();
    expect(end.cause).toBe('server-lost');
    expect(await closed(1)).toEqual([1012]);
    expect(edge.gateway.takeTurn(record.id)).toBe(false);
    clients[4]!.terminate();
    await edge.ended();
    expect([...edge.gateway.registry.all()]).toHaveLength(connections.length - 2);
  });

  test('within a frame to a client: that one is cut at its turn', async () => {
    const { edge, clients, sockets, lost, kill } = await crowd(12);
    const frame = encodeFrame({ opcode: opcodes.text, mask: null, payload: Buffer.from('x'.repeat(1000)) });
    sockets[5]!.write(frame.subarray(0, 500));
    while ([...edge.gateway.registry.all()].every(({ serverBytes }) => serverBytes < 500))
      await new Promise(setImmediate);
    kill();
    const { connections } = await lost();
    for (const { id } of connections) edge.gateway.takeTurn(id);
    const ends = await Promise.all(connections.map(() => edge.ended()));
    expect(ends.map(({ end }) => end.code).toSorted()).toEqual([1006, ...Array(11).fill(1012)]);
    expect(new Set(ends.map(({ end }) => end.cause))).toEqual(new Set(['server-lost']));
    expect(clients[5]!.readyState).not.toBe(clients[5]!.OPEN);
  });

  test('a drain, a kick and the end of the edge give who waits its turn', async () => {
    const { edge, closed, lost, kill } = await crowd(12);
    kill();
    const { connections } = await lost();
    expect(edge.gateway.drainConnection(connections[0]!.id, drained)).toBe(true);
    expect(edge.gateway.moveConnection(connections[1]!.id, 'drain', drained)).toBe(true);
    expect(edge.gateway.closeConnection(connections[2]!.id, drained)).toBe(true);
    await Promise.all([edge.ended(), edge.ended(), edge.ended()]);
    await edge.close();
    await Promise.all(connections.slice(3).map(() => edge.ended()));
    expect(await closed(12)).toEqual(Array(12).fill(1012));
  });
});

describe('a server that is not lost', () => {
  test.each([1, 5])('%i of 40 that break are told at once, with 1011', async (count) => {
    const { edge, sockets, closed } = await crowd(40);
    for (const socket of sockets.slice(0, count)) socket.resetAndDestroy();
    const ends = await Promise.all(Array.from({ length: count }, () => edge.ended()));
    for (const { end } of ends) expect(end).toMatchObject({ cause: 'server-reset', code: 1011 });
    expect(await closed(count)).toEqual(Array(count).fill(1011));
    expect([...edge.gateway.registry.all()]).toHaveLength(40 - count);
  });

  test('its own close frames pass as they are, however many', async () => {
    const { edge, closed, sockets } = await crowd(20);
    for (const socket of sockets)
      socket.write(encodeFrame({ opcode: opcodes.close, mask: null, payload: Buffer.from([3, 233]) }));
    await Promise.all(sockets.map(() => edge.ended()));
    expect(await closed(20)).toEqual(Array(20).fill(1001));
  });
});

describe('on a route that moves', () => {
  const move = { move: { replay: null } };

  test('each waits for its turn to get another server, and what it says meanwhile waits with it', async () => {
    const { edge, clients, lost, kill, codes } = await crowd(20, move);
    const other = await echoServer();
    edge.gateway.setServers('servers', [{ url: other.url, weight: 1, connectionsMax: null }]);
    kill();
    const { connections } = await lost();
    expect(connections.map(({ state }) => state)).toEqual(Array(20).fill('open'));
    const answers = clients.map((client) => once(client, 'message'));
    for (const [index, client] of clients.entries()) client.send(String(index));
    expect(edge.gateway.totals().routes.all!.moves).toEqual({});
    for (const { id } of connections) expect(edge.gateway.takeTurn(id)).toBe(true);
    expect((await Promise.all(answers)).map(([data]) => Number(String(data)))).toEqual([...Array(20).keys()]);
    expect(edge.gateway.totals().routes.all!.moves).toEqual({ 'server-lost': 20 });
    expect(codes).toEqual([]);
  });

  test('a drain of its route closes one that waits, and a drain of its server moves it', async () => {
    const { edge, lost, kill, closed } = await crowd(12, move);
    const other = await echoServer();
    edge.gateway.setServers('servers', [{ url: other.url, weight: 1, connectionsMax: null }]);
    kill();
    const { connections } = await lost();
    edge.gateway.drainConnection(connections[0]!.id, drained);
    expect((await edge.ended()).end).toMatchObject({ cause: 'drain', code: 4000 });
    expect(await closed(1)).toEqual([4000]);
    expect(edge.gateway.takeTurn(connections[0]!.id)).toBe(false);
    edge.gateway.moveConnection(connections[1]!.id, 'drain', drained);
    expect(await edge.next('moved')).toMatchObject({ id: connections[1]!.id, reason: 'server-lost' });
    expect(edge.gateway.takeTurn(connections[1]!.id)).toBe(false);
  });

  test('one that breaks alone moves at once', async () => {
    const { edge, sockets } = await crowd(20, move);
    sockets[7]!.resetAndDestroy();
    expect(await edge.next('moved')).toMatchObject({ reason: 'server-lost' });
  });
});
