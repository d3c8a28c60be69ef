import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { route, upstream } from '../../control/plans.ts';
import { startTestEdge, type TestEdge } from './edge.ts';

export interface App {
  readonly url: string;
  readonly sockets: WebSocketServer;
  /** What its health path answers; null: nothing ever. */
  status: number | null;
  /** Ends each connection as soon as it is open. */
  drops: boolean;
}

export const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export async function app(): Promise<App> {
  const state: App = {} as App;
  const server = http.createServer((_request, response) => {
    if (state.status === null) return;
    response.statusCode = state.status;
    response.end();
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    if (state.drops) socket.terminate();
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    status: 200,
    drops: false,
  });
}

export const server = (url: string) => ({ url, weight: 1, connectionsMax: null });
export const drain = { rate: { perSecond: 100 }, order: 'oldest', code: 1012, reason: 'please connect again' } as const;
export const forced = { rate: null, order: null, code: null, reason: null, force: false } as const;

export async function edgeBefore(apps: readonly App[], more = {}, fields = {}): Promise<TestEdge> {
  const edge = await startTestEdge({
    upstreams: [upstream({ name: 'app', servers: apps.map(({ url }) => server(url)), ...more })],
    routes: [route({ drain })],
    ...fields,
  });
  closers.push(() => edge.close());
  return edge;
}

export function open(edge: TestEdge, count: number): Promise<WebSocket[]> {
  return Promise.all(Array.from({ length: count }, () => edge.connect()));
}

/** The workers have heard what was reported: what they are told comes in order, and so does a question. */
export async function heard(edge: TestEdge): Promise<void> {
  for (let question = 0; question < 2; question++) await edge.supervisor.query({}, { limit: 1, after: null });
}

export function state(edge: TestEdge, { url }: App) {
  return edge.supervisor.servers.rows().find((row) => row.url === url)?.state ?? null;
}
