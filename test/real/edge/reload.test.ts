/** A reload under load: nobody is dropped, and what changed holds at once. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { route } from '../../control/plans.ts';
import { startTestEdge, until } from './edge.ts';

const connections = 2000;

test(`${connections} connections echo through a reload; new origins apply to new handshakes`, async () => {
  const edge = await startTestEdge();
  try {
    const sockets: WebSocket[] = [];
    while (sockets.length < connections)
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => edge.connect()))));
    let closed = 0;
    let echoes = 0;
    let slowestMs = 0;
    let running = true;
    for (const socket of sockets) {
      socket.on('close', () => closed++);
      let sentMs = 0;
      const say = () => {
        sentMs = performance.now();
        socket.send('x');
      };
      socket.on('message', () => {
        echoes++;
        slowestMs = Math.max(slowestMs, performance.now() - sentMs);
        // A message a second from each: 2,000 a second in all.
        if (running) setTimeout(say, 1000);
      });
      setTimeout(say, Math.random() * 1000);
    }
    await until(() => echoes > 2 * connections);
    const beforeMs = slowestMs;
    slowestMs = 0;
    const origins = { allow: ['https://app.example.com'], mode: 'enforce', missing: 'allow' } as const;
    const change = edge.supervisor.apply({ ...edge.plan, routes: [route({ origins })] });
    expect(change.changed.length).toBeGreaterThan(0);
    expect(await statusFor(edge.url, 'https://evil.example')).toBe(403);
    expect(await statusFor(edge.url, 'https://app.example.com')).toBe(101);
    const echoed = echoes;
    await until(() => echoes > echoed + 2 * connections);
    running = false;
    console.log(
      `slowest echo of ${connections} connections: ${beforeMs.toFixed(0)} ms before the reload, ${slowestMs.toFixed(0)} ms through it`,
    );
    expect(closed).toBe(0);
    for (const socket of sockets) socket.terminate();
  } finally {
    await edge.close();
  }
});

async function statusFor(url: string, origin: string): Promise<number> {
  const socket = new WebSocket(url, { origin });
  socket.on('error', () => undefined);
  const refused = once(socket, 'unexpected-response').then(([, response]) => response.statusCode as number);
  const opened = once(socket, 'open').then(() => 101);
  const status = await Promise.race([refused, opened]);
  socket.terminate();
  return status;
}
