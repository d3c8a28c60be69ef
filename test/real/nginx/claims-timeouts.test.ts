/**
 * Claims about timeouts, each against a real nginx (nginx/lint/knowledge/claims/timeouts.ts). Nothing is timed: a
 * connection that is said to live is opened before one that is known to be cut, and is asked for an echo after that.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningNginx, startNginx } from '../support/nginx.ts';
import { type Exchange, echoes, exchange, startTestServer, type TestServer } from '../support/upgrade.ts';

let server: TestServer;
let nginx: RunningNginx;

beforeAll(async () => {
  server = await startTestServer({ silentPath: '/silent' });
  const upgrade = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; proxy_pass http://127.0.0.1:${server.port};`;
  nginx = await startNginx({
    conf: ([port]) => `
events { worker_connections 256; }
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    proxy_read_timeout 60s;
    location /read-1s { proxy_read_timeout 1s; ${upgrade} }
    location /read-2s { proxy_read_timeout 2s; ${upgrade} }
    location /send { proxy_send_timeout 1s; send_timeout 1s; ${upgrade} }
    location /connect { proxy_connect_timeout 1s; ${upgrade} }
    location /keepalive { keepalive_timeout 1s; ${upgrade} }
    location /silent { proxy_read_timeout 1s; ${upgrade} }
    location /silent-zero { proxy_read_timeout 0; ${upgrade} }
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

/** Resolves when a connection that was opened just now has been cut for idleness after two seconds. */
async function twoIdleSeconds(): Promise<void> {
  await (await open('/read-2s')).closed;
}

test('claim 2: an idle connection is cut by proxy_read_timeout, without a close frame, and said so at info only', async () => {
  const idle = await open('/read-1s');
  await idle.closed;
  expect(idle.received()).toHaveLength(0);
  const line = nginx
    .errorLog()
    .split('\n')
    .find((each) => each.includes('while proxying upgraded connection'));
  expect(line).toContain('[info]');
  expect(line).toContain('upstream timed out');
});

test.each([
  ['the client', (connection: Exchange, _: () => void) => connection.socket.write('x')],
  ['the server', (_: Exchange, serverWrites: () => void) => serverWrites()],
])('claim 2: traffic from %s alone resets proxy_read_timeout', async (_side, write) => {
  // The echo would make the other side talk too.
  const connection = await open('/read-1s');
  const tunnel = server.tunnels.at(-1)!.removeAllListeners('data').resume();
  const ended = new AbortController();
  const ticking = (async () => {
    while (!ended.signal.aborted) {
      write(connection, () => tunnel.write('x'));
      await delay(100);
    }
  })();
  await twoIdleSeconds();
  ended.abort();
  await ticking;
  expect(connection.isOpen()).toBe(true);
  // And it is the traffic that kept it: without it, it goes.
  await connection.closed;
});

test('claim 2: proxy_send_timeout and send_timeout leave an idle connection alone', async () => {
  const connection = await open('/send');
  await twoIdleSeconds();
  expect(await echoes(connection)).toBe(true);
});

test('claim 7: proxy_connect_timeout has no effect on a live connection', async () => {
  const connection = await open('/connect');
  await twoIdleSeconds();
  expect(await echoes(connection)).toBe(true);
});

test('claim 8: proxy_read_timeout also bounds the wait for the 101', async () => {
  expect((await exchange(nginx.ports[0]!, '/silent')).status).toBe(504);
});

test('claim 8: zero is not for ever, it expires at once', async () => {
  const ended: string[] = [];
  const answers = await Promise.all(
    ['/silent', '/silent-zero'].map(async (path) => {
      const { status } = await exchange(nginx.ports[0]!, path);
      ended.push(path);
      return status;
    }),
  );
  expect(answers).toEqual([504, 504]);
  expect(ended).toEqual(['/silent-zero', '/silent']);
});

test('claim 21: keepalive_timeout has no effect on an upgraded connection', async () => {
  const connection = await open('/keepalive');
  await twoIdleSeconds();
  expect(await echoes(connection)).toBe(true);
});
