/** Claims about buffers and filters, each against a real nginx (nginx/lint/knowledge/claims/buffers.ts). */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningNginx, startNginx, testNginx } from '../support/nginx.ts';
import { type Exchange, echoes, exchange, receive, startTestServer, type TestServer } from '../support/upgrade.ts';

let server: TestServer;
let nginx: RunningNginx;

beforeAll(async () => {
  server = await startTestServer();
  const upgrade = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass http://127.0.0.1:${server.port};`;
  nginx = await startNginx({
    logLevel: 'debug',
    conf: ([port]) => `
worker_processes 1;
events { worker_connections 2048; }
http {
  access_log off;
  limit_conn_zone $server_port zone=all:1m;
  server {
    listen 127.0.0.1:${port};
    location /buffering { proxy_buffering on; proxy_buffers 8 1m; ${upgrade} }
    location /nopush { sendfile on; tcp_nopush on; ${upgrade} }
    location /gzip { gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; ${upgrade} }
    location /slow { limit_rate 1k; ${upgrade} }
    location /one { limit_conn all 1; ${upgrade} }
    location /4k { proxy_buffer_size 4k; ${upgrade} }
    location /64k { proxy_buffer_size 64k; proxy_buffers 4 64k; ${upgrade} }
    location /many { proxy_buffer_size 4k; proxy_buffers 16 1m; ${upgrade} }
  }
}`,
  });
});

afterAll(async () => {
  await nginx?.close();
  await server?.close();
});

async function open(path: string): Promise<Exchange> {
  const connection = await exchange(nginx.ports[0]!, path);
  expect(connection.status).toBe(101);
  return connection;
}

test('claim 5: with proxy_buffering on each small frame is relayed before the next is sent', async () => {
  const connection = await open('/buffering');
  for (let i = 0; i < 20; i++) expect(await echoes(connection, `frame ${i}`)).toBe(true);
  connection.socket.destroy();
});

test('claim 9: an upgrade sets tcp_nodelay on both sockets and never tcp_nopush', async () => {
  const before = nginx.errorLog().length;
  const connection = await open('/nopush');
  await echoes(connection);
  connection.socket.destroy();
  const log = nginx.errorLog().slice(before);
  expect(log.match(/: \*?\d* ?tcp_nodelay$/gm)).toHaveLength(2);
  expect(log).not.toContain('tcp_nopush');
});

test('claim 13: gzip leaves the bytes of an upgraded connection as they are', async () => {
  const connection = await open('/gzip');
  const text = 'the same words over and over; '.repeat(200);
  expect(await echoes(connection, text)).toBe(true);
  expect(connection.head).not.toMatch(/content-encoding/i);
  connection.socket.destroy();
});

test('claim 14: limit_rate does not slow an upgraded connection', async () => {
  const connection = await open('/slow');
  // At 1 kB a second these would take a quarter of an hour.
  server.tunnels.at(-1)!.write(Buffer.alloc(1_000_000, 'x'));
  await receive(connection, 1_000_000);
  connection.socket.destroy();
});

test('claim 14: limit_conn counts a connection until it closes', async () => {
  const first = await open('/one');
  expect((await exchange(nginx.ports[0]!, '/one')).status).toBe(503);
  first.socket.destroy();
  let again = await exchange(nginx.ports[0]!, '/one');
  while (again.status === 503) {
    await delay(10);
    again = await exchange(nginx.ports[0]!, '/one');
  }
  expect(again.status).toBe(101);
  again.socket.destroy();
});

test.each([
  ['proxy_buffer_size 8k;', true],
  ['proxy_buffer_size 16k;', false],
  ['proxy_buffer_size 16k; proxy_buffering off;', false],
  ['proxy_buffer_size 16k; proxy_buffers 4 16k;', true],
  ['proxy_buffer_size 16k; proxy_busy_buffers_size 16k;', true],
])('claim 19: %s starts: %s', (lines, accepted) => {
  const verdict = testNginx(`events {} http { access_log off; server { listen 127.0.0.1:1; ${lines} } }`);
  expect(verdict.accepted, verdict.output).toBe(accepted);
});

test('claim 19: memory follows proxy_buffer_size, not proxy_buffers', async () => {
  const kept: Exchange[] = [];
  const growth = async (path: string) => {
    const before = workerBytes();
    for (let i = 0; i < 150; i++) {
      const connection = await open(path);
      kept.push(connection);
      server.tunnels.at(-1)!.write(Buffer.alloc(200_000));
      await receive(connection, 200_000);
    }
    return (workerBytes() - before) / 150;
  };
  // The first connections fill what the worker's heap still had.
  await growth('/4k');
  const small = await growth('/4k');
  const many = await growth('/many');
  const large = await growth('/64k');
  for (const connection of kept) connection.socket.destroy();
  expect(large).toBeGreaterThan(small + 50_000);
  expect(many).toBeLessThan(small + 10_000);
});

/** Memory of the only worker, shared pages counted in part. */
function workerBytes(): number {
  const worker = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').trim().split(' ')[0]!;
  const rollup = readFileSync(`/proc/${worker}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)![1]) * 1024;
}
