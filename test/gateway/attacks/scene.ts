/**
 * What attacks are tried on: an edge whose route runs in message mode, and a bystander in a plain tunnel of the same
 * worker.
 */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';
import { storeBytesMax } from '../../../src/gateway/messages/store.ts';
import type { PeerOptions, RawPeer } from '../../support/raw-peer.ts';
import { dialPeer } from '../../support/raw-peer.ts';
import type { RouteChange, TestEdge } from '../edge.ts';
import { hookedPlan } from '../hooks/module.ts';
import { connect, edgeFor, onCleanUp } from '../servers.ts';

export { storeBytesMax };

export interface Scene {
  readonly edge: TestEdge;
  readonly bystander: Bystander;
  /** A client of the route under attack. */
  client(options?: { readonly deflate?: boolean; readonly peer?: PeerOptions }): Promise<RawPeer>;
  /** Most bytes that the edge was seen to hold. */
  readonly bufferedMax: number;
  /** Messages that have reached the server. */
  readonly served: number;
}

export interface Bystander {
  readonly socket: WebSocket;
  readonly worstMs: number;
  readonly echoes: number;
}

const everyMs = 10;

export async function scene(options: { readonly hooks: string; readonly change?: RouteChange }): Promise<Scene> {
  let served = 0;
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    maxPayload: 2 ** 26,
    autoPong: false,
  });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data, binary) => {
      served++;
      socket.send(data, { binary });
    });
  });
  onCleanUp(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plan = hookedPlan({
    servers: [url],
    hooks: options.hooks,
    settings: { messages: true },
    ...(options.change === undefined ? {} : { change: options.change }),
  });
  const [attacked] = plan.routes;
  const beside = { ...attacked!, name: 'beside', match: { host: null, path: '/beside' }, hooks: null };
  const edge = await edgeFor([], {}, { plan: { ...plan, routes: [attacked!, beside] } });
  let bufferedMax = 0;
  const look = setInterval(() => {
    const { routes } = edge.gateway.totals();
    bufferedMax = Math.max(bufferedMax, routes.all?.bufferedBytes ?? 0);
  }, 5);
  onCleanUp(() => clearInterval(look));
  return {
    edge,
    bystander: await standBy(edge),
    client: async ({ deflate = false, peer = {} } = {}) => {
      const headers = deflate ? ['Sec-WebSocket-Extensions: permessage-deflate'] : [];
      const dialled = await dialPeer(edge.port, { target: '/attacked', headers }, peer);
      onCleanUp(() => dialled.peer.raw.socket.destroy());
      return dialled.peer;
    },
    get bufferedMax() {
      return bufferedMax;
    },
    get served() {
      return served;
    },
  };
}

async function standBy(edge: TestEdge): Promise<Bystander> {
  const socket = await connect(edge.url('/beside'));
  let worstMs = 0;
  let echoes = 0;
  let sentMs = 0;
  const timer = setInterval(() => {
    if (sentMs !== 0 || socket.readyState !== socket.OPEN) return;
    sentMs = performance.now();
    socket.send('x');
  }, everyMs);
  socket.on('message', () => {
    worstMs = Math.max(worstMs, performance.now() - sentMs);
    sentMs = 0;
    echoes++;
  });
  onCleanUp(() => clearInterval(timer));
  return {
    socket,
    get worstMs() {
      return Math.max(worstMs, sentMs === 0 ? 0 : performance.now() - sentMs);
    },
    get echoes() {
      return echoes;
    },
  };
}

/**
 * Resolves when the bystander has had so many echoes more; prints the worst delay so far (goal: 250 ms on a quiet
 * machine).
 */
export async function unharmed(attack: string, { bystander }: Scene, echoes = 20): Promise<void> {
  const wanted = bystander.echoes + echoes;
  while (bystander.echoes < wanted) {
    if (bystander.socket.readyState !== bystander.socket.OPEN) throw new Error('the bystander was closed');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  console.log(`${attack}: the bystander’s worst echo took ${bystander.worstMs.toFixed(0)} ms`);
}
