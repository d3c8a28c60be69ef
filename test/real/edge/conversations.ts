/**
 * Conversations through an edge with several workers: numbered messages that have to come back, each once and in order.
 */
import type { WebSocket } from 'ws';
import { type TestEdge, until } from './edge.ts';

/** Echoes numbered messages on every socket until it is stopped; what is wrong is written down. */
export function converse(sockets: readonly WebSocket[], everyMs = 20) {
  const wrong: string[] = [];
  let echoes = 0;
  let slowestMs = 0;
  let running = true;
  for (const [index, socket] of sockets.entries()) {
    let sent = 0;
    let sentMs = 0;
    const say = () => {
      sentMs = performance.now();
      socket.send(`${index} ${++sent} ${'x'.repeat(sent % 50 === 0 ? 100_000 : 40)}`);
    };
    socket.on('message', (data) => {
      const [who, number] = String(data).slice(0, 40).split(' ');
      if (Number(who) !== index || Number(number) !== sent) wrong.push(`${index} got ${who} ${number} after ${sent}`);
      echoes++;
      slowestMs = Math.max(slowestMs, performance.now() - sentMs);
      if (running) setTimeout(say, everyMs);
    });
    socket.on('close', (code) => {
      if (running) wrong.push(`${index} was closed with ${code}`);
    });
    setTimeout(say, Math.random() * everyMs);
  }
  return {
    wrong,
    get echoes() {
      return echoes;
    },
    get slowestMs() {
      return slowestMs;
    },
    stop() {
      running = false;
      for (const socket of sockets) socket.terminate();
    },
  };
}

export const spread = (edge: TestEdge) =>
  edge.supervisor
    .workers()
    .filter(({ leaving }) => !leaving)
    .map(({ connections }) => connections)
    .sort((a, b) => a - b);

export async function crowd(edge: TestEdge, size: number): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < size) sockets.push(...(await Promise.all(Array.from({ length: 20 }, () => edge.connect()))));
  await until(() => edge.supervisor.workers().reduce((sum, { connections }) => sum + connections, 0) === size);
  return sockets;
}
