/**
 * The probe against real servers and proxies, right and wrong: the verdict on each stands in golden/probe/, and names
 * the fault. `vitest -u` writes the files anew; read what changes.
 */
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ProbeOptions } from '../../../src/probe/options.ts';
import { probe } from '../../../src/probe/probe.ts';
import type { ProbeReport } from '../../../src/probe/report.ts';
import { makeCertificates } from '../../client/servers.ts';
import { startEdge } from '../../gateway/edge.ts';
import { brokenEcho } from '../../probe/broken.ts';
import {
  caddy,
  cleanUp,
  haproxy,
  onCleanUp,
  pythonEcho,
  rawEndpoint,
  websocketd,
  wsEcho,
} from '../../probe/endpoints.ts';
import { goldenOf } from '../../probe/golden.ts';
import { freePorts, startNginx } from '../support/nginx.ts';

afterEach(cleanUp);

interface Case {
  readonly name: string;
  /** Starts what is probed; the URL, and options that only now can be known. */
  readonly start: () => Promise<string | readonly [string, ProbeOptions]>;
  readonly options?: ProbeOptions;
}

const ws = (port: number, where = '/') => `ws://127.0.0.1:${port}${where}`;
const passOn = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';
const appPage = {
  page: (_: unknown, response: { end(text: string): unknown }) => void response.end('<h1>The app</h1>'),
};
const pageOrigin = 'https://app.example.com';

/** nginx with this in its server block, which may name $BACKEND. */
async function nginx(server: string, backend: number, http = ''): Promise<number> {
  const running = await startNginx({
    conf: ([port]) =>
      `events {} http { access_log off; ${http} server { listen 127.0.0.1:${port}; ${server.replaceAll('$BACKEND', `127.0.0.1:${backend}`)} } }`.replaceAll(
        '$PORT',
        String(port),
      ),
  });
  onCleanUp(() => running.close());
  return running.ports[0]!;
}

const proxied = (name: string, server: string, options?: ProbeOptions, http?: string): Case => ({
  name,
  start: async () => ws(await nginx(server, await wsEcho(appPage), http), '/chat'),
  ...(options === undefined ? {} : { options }),
});

const right: readonly Case[] = [
  { name: 'ws', start: async () => ws(await wsEcho()) },
  { name: 'python-websockets', start: async () => ws(await pythonEcho()) },
  { name: 'websocketd', start: async () => ws(await websocketd()) },
  proxied('nginx', `location / { proxy_pass http://$BACKEND; ${passOn} }`),
  {
    name: 'haproxy',
    start: async () => {
      const backend = await wsEcho();
      return ws(
        await haproxy(
          (port) =>
            `defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n  timeout tunnel 1h\nlisten l\n  bind 127.0.0.1:${port}\n  server s 127.0.0.1:${backend}`,
        ),
      );
    },
  },
  { name: 'caddy', start: async () => ws(await caddy(`  reverse_proxy 127.0.0.1:${await wsEcho()}`)) },
  {
    name: 'holdline',
    options: { origin: pageOrigin },
    start: async () => {
      const edge = await startEdge([`http://127.0.0.1:${await wsEcho()}`], {
        origins: { allow: [pageOrigin], mode: 'enforce', missing: 'allow' },
      });
      onCleanUp(() => edge.close());
      return edge.url();
    },
  },
];

const faults: readonly Case[] = [
  proxied('nginx-upgrade-missing', 'location / { proxy_pass http://$BACKEND; }'),
  proxied(
    'nginx-connection-empty',
    'location / { proxy_pass http://$BACKEND; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection ""; }',
  ),
  {
    name: 'nginx-upgrade-missing-strict-server',
    start: async () => ws(await nginx('location / { proxy_pass http://$BACKEND; }', await pythonEcho())),
  },
  {
    name: 'nginx-http10',
    start: async () =>
      ws(
        await nginx(
          'location / { proxy_pass http://$BACKEND; proxy_http_version 1.0; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; }',
          await pythonEcho(),
        ),
      ),
  },
  proxied('nginx-trailing-slash', `location /chat/ { proxy_pass http://$BACKEND; ${passOn} }`),
  proxied('nginx-redirect-https', 'location / { return 301 https://127.0.0.1:$PORT$request_uri; }'),
  proxied('nginx-redirect-login', 'location / { return 302 /login?to=$request_uri; }'),
  proxied('nginx-no-location', `root /nowhere; location /socket { proxy_pass http://$BACKEND; ${passOn} }`),
  {
    name: 'nginx-server-down',
    start: async () =>
      ws(await nginx(`location / { proxy_pass http://$BACKEND; ${passOn} }`, (await freePorts(1))[0]!)),
  },
  {
    name: 'nginx-server-hangs',
    start: async () =>
      ws(
        await nginx(
          `location / { proxy_pass http://$BACKEND; proxy_read_timeout 1s; ${passOn} }`,
          await rawEndpoint(() => undefined),
        ),
      ),
  },
  proxied(
    'nginx-hardcoded-upgrade',
    'location / { proxy_pass http://$BACKEND; proxy_http_version 1.1; proxy_set_header Upgrade websocket; proxy_set_header Connection "Upgrade"; }',
    { checks: { only: ['http'] } },
  ),
  proxied(
    'nginx-origin-pattern-open',
    `if ($origin_ok = 0) { return 403; } location / { proxy_pass http://$BACKEND; ${passOn} }`,
    { origin: pageOrigin, checks: { only: ['origin'] } },
    'map $http_origin $origin_ok { default 0; "" 1; "~app.example.com" 1; }',
  ),
  proxied(
    'nginx-return-around-if',
    `location / { if ($http_origin ~ app) { proxy_pass http://$BACKEND; } return 403; }`,
    { origin: pageOrigin },
  ),
  proxied(
    'nginx-origin-refused',
    `if ($http_origin !~ "^http://127") { return 403; } location / { proxy_pass http://$BACKEND; ${passOn} }`,
  ),
  {
    name: 'nginx-any-upgrade',
    options: { checks: { only: ['handshake-other-upgrade'] } },
    start: async () => {
      const backend = await brokenEcho({ anyUpgrade: true });
      return ws(await nginx(`location / { proxy_pass http://$BACKEND; ${passOn} }`, backend));
    },
  },
  proxied(
    'nginx-limit-conn',
    `location / { limit_conn each 5; proxy_pass http://$BACKEND; ${passOn} }`,
    { checks: { only: ['load'] } },
    'limit_conn_zone $binary_remote_addr zone=each:1m;',
  ),
  proxied('nginx-headers-too-large', `location / { proxy_pass http://$BACKEND; ${passOn} }`, {
    rawHeaders: ['Cookie', `session=${'x'.repeat(9000)}`],
  }),
  proxied(
    'nginx-login',
    `location / { auth_basic "members"; auth_basic_user_file /dev/null; proxy_pass http://$BACKEND; ${passOn} }`,
  ),
  {
    name: 'nginx-some-servers',
    start: async () => {
      const [good, bad] = [await wsEcho(), (await freePorts(1))[0]!];
      const page = await rawEndpoint((socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nold')),
      );
      const running = await startNginx({
        conf: ([port]) =>
          `events {} http { access_log off; upstream u { server 127.0.0.1:${page}; server 127.0.0.1:${good}; server 127.0.0.1:${bad} backup; } server { listen 127.0.0.1:${port}; location / { proxy_pass http://u; ${passOn} } } }`,
      });
      onCleanUp(() => running.close());
      return ws(running.ports[0]!);
    },
  },
  {
    name: 'nginx-http2-without-tls',
    start: async () => {
      const running = await startNginx({
        conf: ([port]) => `events {} http { access_log off; server { listen 127.0.0.1:${port} http2; } }`,
      });
      onCleanUp(() => running.close());
      return ws(running.ports[0]!);
    },
  },
  {
    name: 'nginx-tls-port-without-tls',
    start: async () => {
      const { good } = makeCertificates();
      const running = await startNginx({
        files: { 'cert.pem': good.cert, 'key.pem': good.key },
        conf: ([port], directory) =>
          `events {} http { access_log off; server { listen 127.0.0.1:${port} ssl; ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem; } }`,
      });
      onCleanUp(() => running.close());
      return ws(running.ports[0]!);
    },
  },
  {
    name: 'haproxy-no-server',
    start: async () => {
      const [nobody] = await freePorts(1);
      return ws(
        await haproxy(
          (port) =>
            `defaults\n  mode http\n  timeout connect 1s\n  timeout client 30s\n  timeout server 30s\nlisten l\n  bind 127.0.0.1:${port}\n  server s 127.0.0.1:${nobody}`,
        ),
      );
    },
  },
  {
    name: 'caddy-server-down',
    start: async () => ws(await caddy(`  reverse_proxy 127.0.0.1:${(await freePorts(1))[0]}`)),
  },
  {
    name: 'certificate-expired',
    start: async () => {
      const { ca, expired } = makeCertificates();
      return [`wss://localhost:${await wsEcho({ tls: expired })}/`, { tls: { ca }, resolve: () => '127.0.0.1' }];
    },
  },
  {
    name: 'no-origin-check',
    start: async () => ws(await wsEcho()),
    options: { rawHeaders: ['Cookie', 'session=1'], checks: { only: ['origin'] } },
  },
];

test.each([...right, ...faults])('$name', async ({ name, start, options }) => {
  const started = await start();
  const [url, more] = typeof started === 'string' ? [started, {}] : started;
  const report: ProbeReport = await probe(url, { adversarial: true, ...options, ...more });
  await expect(goldenOf(report)).toMatchFileSnapshot(path.join(import.meta.dirname, 'golden', `${name}.txt`));
});
