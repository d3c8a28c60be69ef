/** Claims about the handshake, each against a real nginx (nginx/lint/knowledge/claims/handshake.ts). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSince } from '../../../src/base/nginx-version.ts';
import { nginxVersion, type RunningNginx, startNginx } from '../support/nginx.ts';
import { exchange, plainHeaders, startTestServer, type TestServer, webSocketHeaders } from '../support/upgrade.ts';

/** From 1.29.7 on nginx speaks HTTP/1.1 to servers and keeps connections to them, unless it is told otherwise. */
const pooledByDefault = isSince(nginxVersion, [1, 29, 7]);

let server: TestServer;
let nginx: RunningNginx;

beforeAll(async () => {
  // Answers 101 to whatever Upgrade arrives, as a server does that speaks more than WebSocket.
  server = await startTestServer({
    upgrades: (head) => /^upgrade: \S/im.test(head) && /^connection:.*upgrade/im.test(head),
  });
  nginx = await startNginx({
    ports: 2,
    conf: ([port, roomy]) => `
events { worker_connections 256; }
http {
  access_log off;
  map $http_upgrade $to_close { default upgrade; '' close; }
  map $http_upgrade $to_pool { default ''; "~*^websocket$" upgrade; }
  map $http_upgrade $only_websocket { default ''; "~*^websocket$" websocket; }
  map $http_origin $loose { default 1; "~example.com" 0; }
  map $http_origin $strict { default 1; "~^https://([a-z0-9-]+\\.)*example\\.com$" 0; }
  upstream pooled { server 127.0.0.1:${server.port}; keepalive 8; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://pooled; }
    location /recipe { ${headers('$http_upgrade', '"upgrade"')} proxy_http_version 1.1; proxy_pass http://pooled; }
    location /default-version { ${headers('$http_upgrade', '"upgrade"')} proxy_pass http://pooled; }
    location /maps { ${headers('$only_websocket', '$to_pool')} proxy_http_version 1.1; proxy_pass http://pooled; }
    location /close { ${headers('$http_upgrade', '$to_close')} proxy_http_version 1.1; proxy_pass http://pooled; }
    location /empty { ${headers('$http_upgrade', '""')} proxy_http_version 1.1; proxy_pass http://pooled; }
    location /upgrade-alone { proxy_set_header Upgrade $http_upgrade; proxy_http_version 1.1; proxy_pass http://pooled; }
    location /neither { proxy_http_version 1.1; proxy_pass http://pooled; }
    location /cors {
      add_header Access-Control-Allow-Origin https://app.example.com;
      ${headers('$http_upgrade', '"upgrade"')} proxy_pass http://pooled;
    }
    location /always {
      add_header Access-Control-Allow-Origin https://app.example.com always;
      ${headers('$http_upgrade', '"upgrade"')} proxy_pass http://pooled;
    }
    location /loose { if ($loose) { return 403; } ${headers('$http_upgrade', '"upgrade"')} proxy_pass http://pooled; }
    location /strict { if ($strict) { return 403; } ${headers('$http_upgrade', '"upgrade"')} proxy_pass http://pooled; }
  }
  server {
    listen 127.0.0.1:${roomy};
    large_client_header_buffers 4 16k;
    ${headers('$http_upgrade', '"upgrade"')}
    location /inherits { proxy_pass http://pooled; }
    location /loses { proxy_set_header Host $host; proxy_pass http://pooled; }
  }
}`,
  });
});

afterAll(async () => {
  await nginx?.close();
  await server?.close();
});

function headers(upgrade: string, connection: string): string {
  return `proxy_set_header Upgrade ${upgrade}; proxy_set_header Connection ${connection};`;
}

/** Status of a handshake; the connection is closed again. */
async function status(path: string, more: Record<string, string> = {}, port = nginx.ports[0]!): Promise<number> {
  const answer = await exchange(port, path, { ...webSocketHeaders, ...more });
  answer.socket.destroy();
  return answer.status;
}

test.each([
  ['the usual recipe', '/recipe', 101],
  ['maps that let only websocket through', '/maps', 101],
  ['no headers at all', '/', 200],
])('claim 1: %s', async (_case, path, expected) => {
  expect(await status(path)).toBe(expected);
});

test('claim 1: below 1.29.7 the server is spoken to in HTTP/1.0 unless told otherwise', async () => {
  await status('/default-version');
  expect(server.requests.at(-1)!.split('\r\n')[0]).toBe(`GET /default-version HTTP/${pooledByDefault ? '1.1' : '1.0'}`);
  await status('/recipe');
  expect(server.requests.at(-1)).toMatch(/^GET \/recipe HTTP\/1\.1\r\n/);
});

test('claim 1: one proxy_set_header in a location drops all inherited ones', async () => {
  expect(await status('/inherits', {}, nginx.ports[1])).toBe(101);
  expect(await status('/loses', {}, nginx.ports[1])).toBe(200);
});

test('claim 1: the recipe tunnels any protocol, the maps only WebSocket', async () => {
  expect(await status('/recipe', { Upgrade: 'h2c' })).toBe(101);
  expect(await status('/maps', { Upgrade: 'h2c' })).toBe(200);
  expect(server.requests.at(-1)).not.toMatch(/^(?:upgrade|connection):/im);
});

test('claim 3: an empty Connection breaks the upgrade', async () => {
  expect(await status('/empty')).toBe(200);
  expect(server.requests.at(-1)).toMatch(/^upgrade: websocket/im);
  expect(server.requests.at(-1)).not.toMatch(/^connection:/im);
});

test.each(['/upgrade-alone', '/neither'])('claim 4: Connection left unset, %s', async (path) => {
  expect(await status(path)).toBe(200);
  if (pooledByDefault) expect(server.requests.at(-1)).not.toMatch(/^connection:/im);
  else expect(server.requests.at(-1)).toMatch(/^connection: close/im);
});

test.each([
  ['/close', 5],
  ['/maps', 1],
])('claim 6: connections to the server for five plain requests through %s', async (path, expected) => {
  // One request beforehand leaves a connection in the pool, so that the count does not depend on earlier tests.
  await plain('/maps');
  const before = server.accepted();
  for (let i = 0; i < 5; i++) await plain(path);
  const made = server.accepted() - before;
  // The first of the five may take the one that waits in the pool.
  expect(made).toBeGreaterThanOrEqual(expected === 5 ? 4 : 0);
  expect(made).toBeLessThanOrEqual(expected);
});

test('claim 6: a WebSocket does not go back to the pool', async () => {
  const connection = await exchange(nginx.ports[0]!, '/maps');
  expect(connection.status).toBe(101);
  const tunnel = server.tunnels.at(-1)!;
  const ended = new Promise((resolve) => tunnel.once('close', resolve).once('end', () => tunnel.destroy()));
  connection.socket.destroy();
  await ended;
});

test('claim 20: a header line longer than a large buffer is refused', async () => {
  const cookie = { Cookie: `session=${'x'.repeat(9_000)}` };
  expect(await status('/recipe', cookie)).toBe(400);
  expect(await status('/inherits', cookie, nginx.ports[1])).toBe(101);
});

test('claim 23: CORS headers refuse nobody, and without always they are not even sent', async () => {
  const foreign = { ...webSocketHeaders, Origin: 'https://evil.example' };
  const answer = await exchange(nginx.ports[0]!, '/cors', foreign);
  answer.socket.destroy();
  expect(answer.status).toBe(101);
  expect(answer.head).not.toMatch(/access-control/i);
  const always = await exchange(nginx.ports[0]!, '/always', foreign);
  always.socket.destroy();
  expect(always.status).toBe(101);
  expect(always.head).toMatch(/access-control-allow-origin/i);
});

test.each([
  ['/strict', 'https://app.example.com', 101],
  ['/strict', 'https://example.com', 101],
  ['/strict', 'https://evilexample.com', 403],
  ['/strict', 'https://example.com.evil.net', 403],
  ['/strict', 'http://example.com', 403],
  ['/strict', 'null', 403],
  ['/strict', '', 403],
  ['/loose', 'https://example.com.evil.net', 101],
  ['/loose', 'https://evilexampleXcom.net', 101],
])('claim 24: %s answers %s with %d', async (path, origin, expected) => {
  const before = server.requests.length;
  expect(await status(path, origin === '' ? {} : { Origin: origin })).toBe(expected);
  expect(server.requests.length - before).toBe(expected === 403 ? 0 : 1);
});

async function plain(path: string): Promise<void> {
  const answer = await exchange(nginx.ports[0]!, path, plainHeaders);
  expect(answer.status).toBe(200);
  await answer.closed;
}
