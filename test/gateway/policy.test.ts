/** The decisions of policy/ as a client meets them at the handshake. */

import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openGate } from '../../src/gateway/contract.ts';
import { testPlan } from './edge.ts';
import { cleanUp, connect, echoServer, edgeFor, onCleanUp, refusalOf } from './servers.ts';

afterEach(cleanUp);

describe('origins', () => {
  const origins = { allow: ['https://app.example.com'], mode: 'enforce', missing: 'allow' } as const;

  test('a listed origin connects, another gets 403 before the server hears of it', async () => {
    let asked = 0;
    const { url } = await echoServer(() => asked++);
    const through = await edgeFor([url], { origins });
    await connect(through.url(), { origin: 'https://app.example.com' });
    const refusal = await refusalOf(through.url(), { origin: 'https://app.example.com.evil.net' });
    expect(refusal.status).toBe(403);
    expect(asked).toBe(1);
    expect((await through.next('refused')).refusal).toMatchObject({
      outcome: 'origin-refused',
      origin: 'https://app.example.com.evil.net',
    });
  });

  test('report mode lets in, and counts what it would have refused', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { origins: { ...origins, mode: 'report' } });
    await connect(through.url(), { origin: 'https://evil.example' });
    expect(through.gateway.originsSeen()).toEqual({
      all: { 'https://evil.example': { origin: 'https://evil.example', handshakes: 1, refused: 1 } },
    });
  });

  test('a handshake without Origin has a setting of its own', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { origins: { ...origins, missing: 'deny' } });
    expect((await refusalOf(through.url())).status).toBe(403);
  });
});

describe('admission', () => {
  test('the cap of an address holds exactly, and a place is free again after a close', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { limits: { connectionsPerAddress: 2 } });
    const first = await connect(through.url());
    await connect(through.url());
    const refusal = await refusalOf(through.url());
    expect(refusal.status).toBe(429);
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
    first.close();
    await through.ended();
    await connect(through.url());
  });

  test('a failed handshake gives its place back', async () => {
    const through = await edgeFor(['http://127.0.0.1:1'], { limits: { connections: 1 } });
    expect((await refusalOf(through.url())).status).toBe(502);
    expect((await refusalOf(through.url())).status).toBe(502);
  });

  test('handshakes above the rate are refused with 429', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], { handshake: { ratePerSecond: 0.001, burst: 1 } });
    await connect(through.url());
    await connect(through.url());
    expect((await refusalOf(through.url())).status).toBe(429);
    expect((await through.next('refused')).refusal.outcome).toBe('rate-limit');
  });

  test('a closed gate refuses with 503, and leaves who is in', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url]);
    const inside = await connect(through.url());
    through.gateway.setGate({ ...openGate, closed: true });
    expect((await refusalOf(through.url())).status).toBe(503);
    inside.send('still here');
    expect(String((await once(inside, 'message'))[0])).toBe('still here');
    through.gateway.setGate(openGate);
    await connect(through.url());
  });

  test('above the memory mark nothing new is admitted', async () => {
    const { url } = await echoServer();
    const through = await edgeFor([url], {}, { measure: () => ({ memoryBytes: 9e9, descriptors: 10 }) });
    await expect.poll(async () => (await statusOf(through.port)).status).toBe(503);
    expect((await through.next('refused')).refusal.outcome).toBe('overload');
  });
});

describe('authorize', () => {
  async function authorizer(
    answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
  ): Promise<string> {
    const server = http.createServer(answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onCleanUp(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/authorize`;
  }
  const spec = (url: string) => ({ handshake: { authorize: { url, timeoutMs: 300, headers: ['x-user'] } } });

  test('2xx lets in; chosen headers reach the server, tags the registry, and a forged one does not', async () => {
    let asked: http.IncomingHttpHeaders = {};
    const url = await authorizer((request, response) => {
      asked = request.headers;
      response.writeHead(204, { 'X-User': 'ada', 'X-Holdline-Tag-Plan': 'gold', 'X-Other': 'no' }).end();
    });
    let seen: http.IncomingHttpHeaders = {};
    const { url: serverUrl, server } = await echoServer();
    server.on('connection', (_socket, request) => {
      seen = request.headers;
    });
    const through = await edgeFor([serverUrl], spec(url));
    await connect(through.url('/room?id=7'), { headers: { 'X-User': 'root', Cookie: 'session=1' } });
    expect(asked).toMatchObject({ 'x-original-uri': '/room?id=7', 'x-original-method': 'GET', cookie: 'session=1' });
    expect(seen['x-user']).toBe('ada');
    expect(seen['x-other']).toBeUndefined();
    expect((await through.next('opened')).record.tags).toEqual({ plan: 'gold' });
  });

  test.each([401, 403])('%d goes back as it is', async (status) => {
    const url = await authorizer((_request, response) => {
      response
        .writeHead(status, { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Bearer' })
        .end('{"why":"expired"}');
    });
    const { url: serverUrl } = await echoServer();
    const through = await edgeFor([serverUrl], spec(url));
    const refusal = await refusalOf(through.url());
    expect(refusal).toMatchObject({ status, body: '{"why":"expired"}' });
    expect(refusal.headers['www-authenticate']).toBe('Bearer');
  });

  test.each([
    ['an authorizer that answers 500', (_: unknown, response: http.ServerResponse) => response.writeHead(500).end()],
    ['an authorizer that never answers', () => {}],
    ['an authorizer that breaks off', (request: http.IncomingMessage) => request.socket.destroy()],
  ])('%s: 503', async (_title, answer) => {
    const url = await authorizer(answer as (request: http.IncomingMessage, response: http.ServerResponse) => void);
    const { url: serverUrl } = await echoServer();
    const through = await edgeFor([serverUrl], spec(url));
    expect((await refusalOf(through.url())).status).toBe(503);
    expect((await through.next('refused')).refusal.outcome).toBe('authorize-failed');
  });
});

describe('real clients behind proxies', () => {
  test('PROXY protocol of a trusted proxy is believed', async () => {
    const { url } = await echoServer();
    const plan = {
      ...testPlan([url]),
      trustedProxies: ['127.0.0.0/8'],
      listen: [
        {
          address: { host: '127.0.0.1', port: 0 },
          tls: null,
          otherCertificates: [],
          clientCertificates: null,
          proxyProtocol: true,
        },
      ],
    };
    const through = await edgeFor([url], {}, { plan });
    await rawHandshake(through.port, 'PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\n');
    expect((await through.next('opened')).record).toMatchObject({ clientAddress: '203.0.113.7', clientPort: 4711 });
  });

  test('PROXY protocol of anybody else is a malformed request', async () => {
    const { url } = await echoServer();
    const plan = {
      ...testPlan([url]),
      trustedProxies: ['10.0.0.0/8'],
      listen: [
        {
          address: { host: '127.0.0.1', port: 0 },
          tls: null,
          otherCertificates: [],
          clientCertificates: null,
          proxyProtocol: true,
        },
      ],
    };
    const through = await edgeFor([url], {}, { plan });
    expect(await rawHandshake(through.port, 'PROXY TCP4 203.0.113.7 198.51.100.1 4711 443\r\n')).toMatch(
      /^HTTP\/1\.1 400/,
    );
  });

  test.each([
    ['a trusted proxy’s X-Forwarded-For is believed', ['127.0.0.0/8'], '203.0.113.9'],
    ['anybody else’s is not', [], '127.0.0.1'],
  ])('%s', async (_title, trustedProxies, expected) => {
    const { url } = await echoServer();
    const through = await edgeFor([url], {}, { plan: { ...testPlan([url]), trustedProxies } });
    await connect(through.url(), { headers: { 'X-Forwarded-For': '198.51.100.200, 203.0.113.9' } });
    expect((await through.next('opened')).record.clientAddress).toBe(expected);
  });
});

async function statusOf(port: number): Promise<{ status: number }> {
  return { status: Number((await rawHandshake(port, '')).split(' ')[1]) };
}

/** The first bytes that come back for a handshake with something in front of it. */
async function rawHandshake(port: number, preface: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  onCleanUp(() => socket.destroy());
  socket.write(
    `${preface}GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  const [first] = (await once(socket, 'data')) as [Buffer];
  return first.toString('latin1');
}
