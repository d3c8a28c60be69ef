/** A client that stops without a word, while its server goes on pushing: found by the heartbeat, not by nginx. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';
import { route } from '../../control/plans.ts';
import { startNginx } from '../support/nginx.ts';
import { startTestEdge, until } from './edge.ts';

const everyMs = 1000;
const timeoutMs = 1000;

test('the edge finds it within every + timeout; stock nginx with proxy_read_timeout 60s still holds it', async () => {
  const edge = await startTestEdge({
    workers: 1,
    routes: [route({ heartbeat: { everyMs, timeoutMs, server: false } })],
  });
  edge.server.on('connection', (socket) => {
    const push = setInterval(() => socket.send('tick'), 100);
    socket.on('close', () => clearInterval(push));
  });
  const nginx = await startNginx({
    conf: ([port]) => `
      events {}
      http { server { listen 127.0.0.1:${port}; location / {
        proxy_pass ${edge.serverUrl}; proxy_http_version 1.1; proxy_read_timeout 60s;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } } }`,
  });
  const client = spawn(process.execPath, [
    path.join(import.meta.dirname, '../support/two-sockets.mjs'),
    edge.url,
    `ws://127.0.0.1:${nginx.ports[0]}`,
  ]);
  try {
    await once(client.stdout, 'data');
    expect(edge.server.clients.size).toBe(2);
    // A stopped process keeps its sockets: its kernel acknowledges what comes, and nobody answers.
    client.kill('SIGSTOP');
    const stoppedMs = performance.now();
    const closed = await until(() => edge.events.find((event) => event.kind === 'close') ?? null);
    const foundMs = performance.now() - stoppedMs;
    expect(closed).toMatchObject({ ended: { cause: 'heartbeat-lost', by: 'edge' } });
    // What is left is nginx's: its read timeout is reset by every push.
    await until(() => edge.server.clients.size === 1);
    console.log(
      `found ${(foundMs / 1000).toFixed(1)} s after the stop (every ${everyMs} ms + timeout ${timeoutMs} ms); behind nginx its socket is still open`,
    );
  } finally {
    client.kill('SIGKILL');
    await nginx.close();
    await edge.close();
  }
});
