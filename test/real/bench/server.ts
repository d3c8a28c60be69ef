/** A server that keeps its own count, to hold a run against. */
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { startBench } from '../../../src/bench/bench.ts';
import type { BenchReport } from '../../../src/bench/run/report.ts';
import { readScenario, type ScenarioInput } from '../../../src/bench/scenario/scenario.ts';

export interface Count {
  connections: number;
  messages: number;
  bytes: number;
}

export type Answer = (from: WebSocket, data: Buffer, binary: boolean, all: Iterable<WebSocket>) => void;

export const echo = (peer: WebSocket, data: Buffer, binary: boolean) => peer.send(data, { binary });

/** `answer` says what becomes of a message. `closing` gets what ends it. */
export async function countingServer(answer: Answer, closing: (() => unknown)[], options: ServerOptions = {}) {
  const count: Count = { connections: 0, messages: 0, bytes: 0 };
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  await new Promise((resolve) => wss.once('listening', resolve));
  closing.push(() => {
    for (const client of wss.clients) client.terminate();
    return new Promise((resolve) => wss.close(resolve));
  });
  wss.on('connection', (peer) => {
    count.connections++;
    peer.on('error', () => undefined);
    peer.on('message', (data: Buffer, binary) => {
      count.messages++;
      count.bytes += data.length;
      answer(peer, data, binary, wss.clients);
    });
  });
  return { count, wss, url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/` };
}

/** Has the server refuse handshakes as long as `refusing` says a head to refuse with. */
export function refuseWhile(wss: WebSocketServer, refusing: () => string | null): { refused: number } {
  const count = { refused: 0 };
  const upgrade = wss.handleUpgrade.bind(wss);
  wss.handleUpgrade = (request: IncomingMessage, socket: Duplex, head, done) => {
    const answer = refusing();
    if (answer === null) return upgrade(request, socket, head, done);
    count.refused++;
    socket.end(answer);
  };
  return count;
}

export async function run(input: ScenarioInput): Promise<BenchReport> {
  const { value, diagnostics } = readScenario(input);
  if (value === null) throw new Error(JSON.stringify(diagnostics));
  return (await startBench(value)).done;
}
