/** Servers that answer with their name, and what a client hears of them. */
import { once } from 'node:events';
import type net from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { TestEdge } from '../../edge.ts';
import { onCleanUp } from '../../servers.ts';

export const move = { move: { replay: null } };
export const closing = { code: 1012, reason: 'please connect again', cause: 'drain', by: 'operator' } as const;

export interface NamedServer {
  readonly url: string;
  readonly moved: (string | undefined)[];
  readonly heard: string[];
  readonly closes: number[];
  readonly server: WebSocketServer;
  kill(): void;
}

/** Echoes with its name in front; what it hears is written down. */
export async function named(
  name: string,
  options: object = {},
  onSocket?: (socket: WebSocket) => void,
): Promise<NamedServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  await once(server, 'listening');
  const kept = { moved: [] as (string | undefined)[], heard: [] as string[], closes: [] as number[] };
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket, request) => {
    sockets.add(request.socket);
    kept.moved.push(request.headers['holdline-moved'] as string | undefined);
    socket.on('error', () => undefined);
    socket.on('close', (code) => kept.closes.push(code));
    socket.on('message', (data) => {
      kept.heard.push(String(data));
      socket.send(`${name}:${String(data)}`);
    });
    onSocket?.(socket);
  });
  const kill = () => {
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
  };
  onCleanUp(kill);
  return { url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, ...kept, server, kill };
}

export function idOf(edge: TestEdge): string {
  return [...edge.gateway.registry.all()][0]!.id;
}

/** What the client hears, in order, with a wait for the next. */
export function ear(socket: WebSocket) {
  const heard: string[] = [];
  let wake: (() => void) | null = null;
  socket.on('message', (data) => {
    heard.push(String(data));
    wake?.();
  });
  return {
    heard,
    async until(count: number) {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return heard;
    },
  };
}
