/**
 * A route is one policy: the same refusals for a handshake, its polling twin, a page and a preflight.
 * docs/plain-http.md has the table.
 */

import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { openGate } from '../../../src/gateway/contract.ts';
import { handshakeText } from '../../support/raw-peer.ts';
import { dialRaw, headEnd } from '../../support/raw-socket.ts';
import { type RouteChange, startEdge, testPlan } from '../edge.ts';
import { cleanUp, edgeFor, onCleanUp } from '../servers.ts';
import { head, plainServer, sendTo, statusOf } from './bench.ts';

afterEach(cleanUp);

const evil = 'Origin: https://evil.example';
const poll = '/socket.io/?EIO=4&transport=polling';

const kinds = {
  handshake: handshakeText({ headers: [evil] }),
  'polling GET': head(`GET ${poll} HTTP/1.1`, [evil]),
  'polling POST': head(`POST ${poll} HTTP/1.1`, [evil, 'Content-Length: 2'], '40'),
  page: head('GET / HTTP/1.1', []),
  OPTIONS: head(`OPTIONS ${poll} HTTP/1.1`, [evil, 'Access-Control-Request-Method: POST']),
};
type Kind = keyof typeof kinds;

/** A server that takes handshakes and requests alike. */
async function server(): Promise<string> {
  const plain = http.createServer((request, response) => request.resume().on('end', () => response.end('ok')));
  new WebSocketServer({ server: plain });
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  onCleanUp(() => {
    plain.closeAllConnections();
    plain.close();
  });
  return `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
}

async function authorizer(status: number, headers: http.OutgoingHttpHeaders = {}): Promise<string> {
  const asked = http.createServer((_request, response) =>
    response.writeHead(status, headers).end('said the authorizer'),
  );
  asked.listen(0, '127.0.0.1');
  await once(asked, 'listening');
  onCleanUp(() => asked.close());
  return `http://127.0.0.1:${(asked.address() as AddressInfo).port}/`;
}

/** The status that one request of each kind gets, each on an edge of its own. */
async function statuses(change: RouteChange, prepare: (edge: Awaited<ReturnType<typeof edgeFor>>) => void = () => {}) {
  const url = await server();
  const got: Partial<Record<Kind, number>> = {};
  for (const [kind, bytes] of Object.entries(kinds)) {
    const edge = await edgeFor([url], change);
    prepare(edge);
    const socket = await dialRaw(edge.port);
    socket.write(bytes);
    await socket.until((received) => headEnd(received));
    got[kind as Kind] = statusOf(socket.received.toString('latin1'));
    socket.socket.destroy();
  }
  return got;
}

const each = (handshake: number, get: number, post: number, page: number, options: number) => ({
  handshake,
  'polling GET': get,
  'polling POST': post,
  page,
  OPTIONS: options,
});

const origins = { allow: ['https://app.example.com'], mode: 'enforce', missing: 'allow' } as const;

describe('policy × kind of request', () => {
  test('nothing said', async () => expect(await statuses({})).toEqual(each(101, 200, 200, 200, 200)));

  test('origins', async () => {
    expect(await statuses({ origins })).toEqual(each(403, 200, 403, 200, 200));
    expect(await statuses({ origins: { ...origins, mode: 'report' } })).toEqual(each(101, 200, 200, 200, 200));
    expect(await statuses({ origins, http: { origins: 'all' } })).toEqual(each(403, 403, 403, 200, 403));
    expect(await statuses({ origins, http: { origins: 'off' } })).toEqual(each(403, 200, 200, 200, 200));
  });

  test('an authorizer', async () => {
    const handshake = (url: string) => ({ authorize: { url, timeoutMs: 3000, headers: ['x-user'] } });
    const refusing = handshake(await authorizer(401));
    expect(await statuses({ handshake: refusing })).toEqual(each(401, 401, 401, 401, 200));
    expect(await statuses({ handshake: refusing, http: { authorize: false } })).toEqual(each(401, 200, 200, 200, 200));
    const redirecting = handshake(await authorizer(302, { Location: '/login' }));
    expect(await statuses({ handshake: redirecting })).toEqual(each(302, 302, 302, 302, 200));
    const broken = handshake(await authorizer(500));
    expect(await statuses({ handshake: broken })).toEqual(each(503, 503, 503, 503, 200));
  });

  test('the gate', async () => {
    const got = await statuses({}, (edge) => edge.gateway.setGate({ ...openGate, closed: true }));
    expect(got).toEqual(each(503, 503, 503, 503, 503));
  });

  test('caps and rates', async () => {
    expect(await statuses({ limits: { connections: 0 } })).toEqual(each(503, 503, 503, 503, 503));
    expect(await statuses({ limits: { connectionsPerAddress: 0 } })).toEqual(each(429, 429, 429, 429, 429));
    const slow = { ratePerSecond: 1e-9, burst: -0.5 };
    expect(await statuses({ handshake: slow })).toEqual(each(429, 429, 429, 429, 429));
    expect(await statuses({ handshake: slow, http: { rate: null } })).toEqual(each(429, 200, 200, 200, 200));
    expect(await statuses({ http: { rate: { perSecond: 1e-9, burst: -0.5 } } })).toEqual(each(101, 429, 429, 429, 429));
  });

  test('http: off', async () => expect(await statuses({ http: null })).toEqual(each(101, 426, 426, 426, 426)));
});

test('places are shared: a request under way counts beside the connections, and gives its place back', async () => {
  let release = () => {};
  const plain = await plainServer((_request, response) => {
    release = () => response.end('ok');
  });
  const edge = await edgeFor([plain.url], { limits: { connectionsPerAddress: 1 } });
  const waiting = await dialRaw(edge.port);
  waiting.write(head('GET /poll HTTP/1.1', []));
  await expect.poll(() => plain.seen.length).toBe(1);
  expect(statusOf(await sendTo(edge.port, kinds.handshake))).toBe(429);
  expect(statusOf(await sendTo(edge.port, kinds.page))).toBe(429);
  release();
  await waiting.over;
  const next = await dialRaw(edge.port);
  next.write(head('GET /poll HTTP/1.1', []));
  await expect.poll(() => plain.seen.length).toBe(2);
  release();
  await next.over;
});

test('one request at a time for each client socket, in order', async () => {
  let underWay = 0;
  let most = 0;
  const plain = await plainServer((request, response) => {
    most = Math.max(most, ++underWay);
    setImmediate(() => {
      underWay--;
      response.end(request.url);
    });
  });
  const edge = await edgeFor([plain.url]);
  const socket = await dialRaw(edge.port);
  const targets = Array.from({ length: 60 }, (_, index) => `/${index}`);
  socket.write(targets.map((target) => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
  await socket.until((received) => (received.toString('latin1').includes('/59') ? true : null));
  socket.socket.destroy();
  expect(most).toBe(1);
  expect(plain.seen.map((request) => request.target)).toEqual(targets);
});

describe('one server for one client', () => {
  async function behind(balance: unknown) {
    const servers = await Promise.all(
      [0, 1, 2].map((index) => plainServer((_request, response) => response.end(String(index)))),
    );
    const plan = testPlan(servers.map((server) => server.url));
    const upstream = { ...plan.upstreams[0]!, balance } as (typeof plan.upstreams)[number];
    const edge = await startEdge([], {}, { plan: { ...plan, upstreams: [upstream] } });
    onCleanUp(() => edge.close());
    const ask = async (cookie: string | null) => {
      const answer = await sendTo(
        edge.port,
        head('POST / HTTP/1.1', cookie === null ? [] : [`Cookie: a=1; ${cookie}`]),
      );
      return { server: answer.slice(-1), cookie: /Set-Cookie: (.*)\r\n/.exec(answer)?.[1] ?? null };
    };
    return { edge, ask, urls: servers.map((server) => server.url) };
  }

  test('hash: ip holds for plain requests', async () => {
    const { ask } = await behind({ kind: 'hash', key: { by: 'ip' } });
    const first = await ask(null);
    for (let i = 0; i < 10; i++) expect((await ask(null)).server).toBe(first.server);
  });

  test('sticky-cookie leads back, replaces a forged one, and chooses anew when the server is gone', async () => {
    const cookie = { name: 'stay', lifetimeMs: 3_600_000, secret: null };
    const { ask, edge, urls } = await behind({ kind: 'sticky-cookie', cookie });
    const first = await ask(null);
    expect(first.cookie).toMatch(/^stay=[\w-]{16}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600$/);
    const own = first.cookie!.split(';')[0]!;
    for (let i = 0; i < 10; i++) expect(await ask(own)).toEqual({ server: first.server, cookie: null });
    expect((await ask('stay=AAAAAAAAAAAAAAAA')).cookie).toMatch(/^stay=/);

    const socket = await dialRaw(edge.port);
    socket.write(handshakeText({ headers: [`Cookie: ${own}`] }));
    await socket.over;

    const left = urls.filter((_url, index) => String(index) !== first.server);
    edge.gateway.setServers(
      'servers',
      left.map((url) => ({ url, weight: 1, connectionsMax: null })),
    );
    const next = await ask(own);
    expect(next.server).not.toBe(first.server);
    expect(next.cookie).toMatch(/^stay=/);
    expect(await ask(next.cookie!.split(';')[0]!)).toEqual({ server: next.server, cookie: null });
  });
});

describe('HTTP as it is', () => {
  async function told(bytes: string) {
    const plain = await plainServer();
    const edge = await edgeFor([plain.url]);
    const answer = await sendTo(edge.port, bytes);
    return { status: statusOf(answer), request: plain.seen[0], authority: plain.url.slice('http://'.length) };
  }

  test('an absolute target loses its host, which counts', async () => {
    const { status, request } = await told(head('GET http://app.example/page?x=1 HTTP/1.1', []));
    expect([status, request?.target, request?.headers.host]).toEqual([200, '/page?x=1', 'app.example']);
  });

  test('HTTP/1.0 without a Host gets the server’s', async () => {
    const { status, request, authority } = await told('OPTIONS /check HTTP/1.0\r\n\r\n');
    expect([status, request?.headers.host]).toEqual([200, authority]);
  });

  test('a POST without a body stays without one', async () => {
    const { request } = await told(head('POST / HTTP/1.1', []));
    expect(request?.headers['transfer-encoding']).toBeUndefined();
    expect(request?.headers['content-length']).toBe('0');
  });

  test('a POST of Java’s client with its wish for h2c arrives whole', async () => {
    const lines = [
      'Connection: Upgrade, HTTP2-Settings, close',
      'HTTP2-Settings: AAEAAEAA',
      'Upgrade: h2c',
      'Content-Length: 2',
    ];
    const { status, request } = await told(`POST / HTTP/1.1\r\nHost: a\r\n${lines.join('\r\n')}\r\n\r\nhi`);
    expect([status, request?.body, request?.headers.upgrade]).toEqual([200, 'hi', undefined]);
  });

  test('a chunked body arrives, and an expectation is answered', async () => {
    const lines = ['Transfer-Encoding: chunked', 'Expect: 100-continue'];
    const { request } = await told(head('PUT / HTTP/1.1', lines, '2\r\nhi\r\n0\r\n\r\n'));
    expect(request?.body).toBe('hi');
  });
});

test('a body at a byte now and then is cut with 408', async () => {
  const plain = await plainServer();
  const edge = await edgeFor([plain.url], { http: { bodyTimeoutMs: 1000 } });
  const socket = await dialRaw(edge.port);
  socket.write(head('POST / HTTP/1.1', ['Content-Length: 1000'], 'a'));
  const timer = setInterval(() => socket.write('a'), 300);
  await socket.over;
  clearInterval(timer);
  expect(statusOf(socket.received.toString('latin1'))).toBe(408);
  expect(plain.seen).toEqual([]);
});

test('an answer that does not come is 504', async () => {
  const plain = await plainServer(() => {});
  const edge = await edgeFor([plain.url], { http: { answerTimeoutMs: 1000 } });
  expect(statusOf(await sendTo(edge.port, kinds.page))).toBe(504);
});
