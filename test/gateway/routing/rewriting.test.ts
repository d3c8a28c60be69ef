/**
 * An application that knows nothing of the prefix it stands under, as noVNC: a page, a login with a cookie, a socket
 * beside it.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { readSpec } from '../../../src/spec/read.ts';
import type { RouteChange } from '../edge.ts';
import { cleanUp, connect, edgeFor, onCleanUp, refusalOf } from '../servers.ts';

afterEach(cleanUp);

/** The settings of a route that is written so. */
function written(yaml: string): RouteChange {
  const text = `upstreams: { servers: { servers: "http://127.0.0.1:1" } }\nroutes:\n  - upstream: servers\n    origins: any\n${yaml.replace(/^/gm, '    ')}\n`;
  const { value, diagnostics } = readSpec(text, { file: 'f' });
  expect(diagnostics).toEqual([]);
  return value!.routes[0]!;
}

/** Serves its pages at the root of its paths; the socket takes only who has the cookie that the page has set. */
async function desktop() {
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request);
    if (request.url === '/') response.writeHead(302, { Location: '/vnc.html?autoconnect=1' }).end();
    else response.writeHead(200, { 'Set-Cookie': 'session=1; Path=/; HttpOnly', Server: 'desktop' }).end(request.url);
  });
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered].at(-1)! });
  server.on('upgrade', (request, socket, head) => {
    seen.push(request);
    if (request.url?.startsWith('/websockify') && request.headers.cookie === 'session=1')
      sockets.handleUpgrade(request, socket, head, (open) => open.send(request.url ?? ''));
    else socket.end('HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanUp(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

test('an application under a prefix that it does not know of: redirect, cookie, socket', async () => {
  const { url, seen } = await desktop();
  const edge = await edgeFor([url], written('match: { path: /desk/1 }\npath: { strip: /desk/1 }'));
  const base = `http://127.0.0.1:${edge.port}`;

  const redirect = await fetch(`${base}/desk/1`, { redirect: 'manual' });
  expect(redirect.headers.get('location')).toBe('/desk/1/vnc.html?autoconnect=1');
  const page = await fetch(new URL(redirect.headers.get('location')!, base));
  expect(await page.text()).toBe('/vnc.html?autoconnect=1');
  expect(page.headers.get('set-cookie')).toBe('session=1; Path=/desk/1; HttpOnly');

  const socket = new WebSocket(edge.url('/desk/1/websockify?token=a'), { headers: { Cookie: 'session=1' } });
  onCleanUp(() => socket.terminate());
  const [first] = await once(socket, 'message');
  expect(String(first)).toBe('/websockify?token=a');
  expect(seen.at(-1)?.headers['x-forwarded-prefix']).toBe('/desk/1');
  expect([...edge.gateway.registry.all()].map(({ path }) => path)).toEqual(['/desk/1/websockify']);
});

test('a refusal of the server is put right as well, and a path of two readings is refused', async () => {
  const { url } = await desktop();
  const edge = await edgeFor([url], written('match: { path: /desk }\npath: { strip: /desk }'));
  expect(await refusalOf(edge.url('/desk/websockify'))).toMatchObject({
    status: 302,
    headers: { location: '/desk/login' },
  });
  const [answer] = (await once(http.get({ port: edge.port, path: '/desk/x/../websockify' }), 'response')) as [
    http.IncomingMessage,
  ];
  expect(answer.resume().statusCode).toBe(400);
});

test('headers and subprotocols, both ways', async () => {
  const { url, seen } = await desktop();
  const edge = await edgeFor(
    [url],
    written(`headers:
  toServer: { set: { Host: internal.example, X-From: "$client_address" }, remove: X-Debug }
  toClient: { set: { Server: edge }, add: { X-Route: $route } }
subprotocol: { add: binary, remove: bearer.* }`),
  );
  const page = await fetch(`http://127.0.0.1:${edge.port}/x`, { headers: { 'X-Debug': '1', 'X-From': 'forged' } });
  expect(page.headers.get('server')).toBe('edge');
  expect(seen.at(-1)?.headers).toMatchObject({ host: 'internal.example', 'x-from': '127.0.0.1' });
  expect(seen.at(-1)?.headers).not.toHaveProperty('x-debug');

  const headers = { Cookie: 'session=1' };
  const silent = await connect(edge.url('/websockify'), { headers });
  expect(silent.protocol).toBe('');
  expect(seen.at(-1)?.headers['sec-websocket-protocol']).toBe('binary');

  const withToken = new WebSocket(edge.url('/websockify'), ['bearer.abc'], { headers });
  onCleanUp(() => withToken.terminate());
  const [answer] = (await once(withToken, 'upgrade')) as [http.IncomingMessage];
  expect(answer.headers).toMatchObject({ 'sec-websocket-protocol': 'bearer.abc', 'x-route': '/' });
});
