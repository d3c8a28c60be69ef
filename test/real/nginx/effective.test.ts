/** What effective() says a backend gets, against what a backend behind the real nginx gets. */
import http from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { effective } from '../../../src/nginx/effective/effective.ts';
import { backendHandshakeHeaders } from '../../../src/nginx/effective/headers.ts';
import { finalLocation } from '../../../src/nginx/effective/jumps.ts';
import { locate } from '../../../src/nginx/effective/locate.ts';
import type { Effective, RequestKind } from '../../../src/nginx/effective/model.ts';
import { assumptionsOf } from '../../../src/nginx/effective/resolve.ts';
import { valueIn } from '../../../src/nginx/effective/values.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { nginxVersion, type RunningNginx, startNginx } from '../support/nginx.ts';

const configuration = (port: number, backend: number) => `
worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  map $http_upgrade $kept { default upgrade; '' ''; }
  map $http_upgrade $only { ~*^websocket$ websocket; default ''; }
  upstream app { server 127.0.0.1:${backend}; }
  proxy_set_header X-Http http;
  add_header X-Level http always;
  server {
    listen 127.0.0.1:${port};
    server_name test.example;
    add_header X-Level server always;
    proxy_set_header X-Server server;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    error_page 418 = @teapot;

    location /inherits { proxy_pass http://app; }
    location /loses { proxy_pass http://app; proxy_set_header X-Own own; }
    location /version { proxy_pass http://app; proxy_http_version 1.1; }
    location /kept { proxy_pass http://app; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $kept; }
    location /only { proxy_pass http://app; proxy_set_header Upgrade $only; proxy_set_header Connection $kept; }
    location /passes { proxy_pass http://app; proxy_set_header Connection $http_connection; }
    location /literal { proxy_pass http://127.0.0.1:${backend}; proxy_set_header Connection "upgrade"; proxy_set_header Upgrade websocket; }
    location /twice { proxy_pass http://app; proxy_set_header Connection ""; proxy_set_header connection upgrade; }
    location /set { set $c up; proxy_pass http://app; proxy_set_header Connection "$${'{c}'}grade"; proxy_set_header Host $server_name; }
    location /variable { set $where app; proxy_pass http://$where; proxy_set_header Upgrade $http_upgrade; }
    location /if { proxy_pass http://app; proxy_set_header Upgrade $http_upgrade; if ($request_method = GET) { add_header X-Level if always; } }
    location /jumps { proxy_set_header Upgrade lost; try_files /dev/null @final; }
    location /teapot { proxy_set_header Upgrade lost; return 418; }
    location /outer/ { proxy_pass http://app; proxy_set_header X-Outer 1; location /outer/inner/ { proxy_pass http://app; } location ~ \\.own$ { proxy_pass http://app; proxy_set_header X-Regex 1; } }
    location /rewritten { rewrite ^ /kept last; }
    location @final { proxy_pass http://app; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }
    location @teapot { proxy_pass http://app; proxy_set_header X-Tea pot; }
  }
}`;

interface Seen {
  readonly headers: http.IncomingHttpHeaders;
  readonly httpVersion: string;
}

let backend: http.Server;
let nginx: RunningNginx;
let model: Effective;

beforeAll(async () => {
  const answer = (request: http.IncomingMessage) =>
    JSON.stringify({ headers: request.headers, httpVersion: request.httpVersion });
  backend = http.createServer((request, response) => response.end(answer(request)));
  // Node takes a request with Upgrade for one only when somebody listens; the answer is a plain one here too.
  backend.on('upgrade', (request, socket) => {
    const body = answer(request);
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const backendPort = (backend.address() as net.AddressInfo).port;
  let text = '';
  nginx = await startNginx({
    conf: ([port]) => {
      text = configuration(port!, backendPort);
      return text;
    },
  });
  const { value } = readConfiguration('/nginx.conf', memoryReader({ '/nginx.conf': text }));
  model = effective(value, { target: nginxVersion });
});

afterAll(async () => {
  await nginx?.close();
  backend?.closeAllConnections();
  await new Promise((resolve) => (backend === undefined ? resolve(null) : backend.close(resolve)));
});

/**
 * Sends exactly the request that effective() assumes, and gives back what the backend saw, and nginx's answer's head.
 */
function ask(path: string, kind: RequestKind): Promise<{ seen: Seen; head: string }> {
  const { http_upgrade: upgrade, http_connection: connection } = assumptionsOf[kind];
  const lines = [`GET ${path} HTTP/1.1`, 'Host: test.example', `Connection: ${connection}`];
  if (upgrade !== '') lines.push(`Upgrade: ${upgrade}`);
  return new Promise((resolve, reject) => {
    const socket = net.connect(nginx.ports[0]!, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      const body = /\{"headers".*"httpVersion":"[\d.]+"\}/.exec(text);
      if (body === null) return;
      resolve({ seen: JSON.parse(body[0]), head: text.slice(0, text.indexOf('\r\n\r\n')) });
      socket.destroy();
    });
    socket.once('error', reject).once('end', () => reject(new Error(`no answer of the backend: ${text}`)));
  });
}

const locationFor = (path: string) => finalLocation(locate(model.servers[0]!, path).location!);

const paths = [
  '/inherits',
  '/loses',
  '/version',
  '/kept',
  '/only',
  '/passes',
  '/literal',
  '/twice',
  '/set',
  '/variable',
  '/if',
  '/jumps',
  '/teapot',
  '/outer/',
  '/outer/inner/x',
  '/outer/x.own',
  '/rewritten',
];

describe.each(paths)('%s', (path) => {
  test.each<RequestKind>(['websocket', 'h2c', 'plain'])('%s request', async (kind) => {
    const { seen } = await ask(path, kind);
    const expected = backendHandshakeHeaders(model, locationFor(path), kind)!;
    const value = (name: string) => seen.headers[name] ?? '';
    expect({ upgrade: value('upgrade'), connection: value('connection'), httpVersion: seen.httpVersion }).toEqual({
      upgrade: expected.upgrade.known ? expected.upgrade.value : value('upgrade'),
      connection: expected.connection.known ? expected.connection.value : value('connection'),
      httpVersion: expected.httpVersion,
    });
    expect(expected.upgrade.known && expected.connection.known).toBe(true);
    if (expected.host.known) expect(value('host')).toBe(expected.host.value);
  });

  test('the other headers of the effective set, and no lost ones', async () => {
    const { seen, head } = await ask(path, 'plain');
    const mine = Object.keys(seen.headers).filter((name) => name.startsWith('x-'));
    const { rows } = valueIn(model, locationFor(path), 'proxy_set_header');
    const expected = rows.map(([name]) => name!.toLowerCase()).filter((name) => name.startsWith('x-'));
    expect(mine.sort()).toEqual(expected.sort());
    const level = /^X-Level: (\w+)/m.exec(head)?.[1];
    const inIf = locationFor(path).locations.find(({ kind }) => kind === 'if');
    expect(level).toBe(valueIn(model, inIf ?? locationFor(path), 'add_header').rows.at(-1)![1]);
  });
});
