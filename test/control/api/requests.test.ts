import { describe, expect, test } from 'vitest';
import { api } from './call.ts';

test.each(['POST /upgrade', 'POST /even'])('%s refuses a field that it does not know', async (request) => {
  const { call, calls } = api();
  expect(await call(request, { dryrun: true })).toMatchObject({ status: 400, body: { code: 'control-bad-request' } });
  expect(calls).toEqual([]);
});

test('an upgrade that is asked for without a body has its defaults', async () => {
  const { call, calls } = api();
  expect(await call('POST /upgrade', undefined, { 'content-type': '' })).toMatchObject({ status: 200 });
  expect(calls).toContainEqual(['upgrade', { dryRun: false, probationMs: 10_000, perSecond: null }]);
});

describe('reading', () => {
  test('the list, with a filter from the query', async () => {
    const { call, calls } = api();
    const query = 'route=chat&tag=user:ann&tag=vip&compressed=true&minAgeMs=500&origin=&limit=7&cursor=12:c0';
    const answer = await call(`GET /connections?${query}`);
    expect(answer).toMatchObject({
      status: 200,
      body: { matched: 1, next: null, rows: [{ id: 'c1', ageMs: 10_000 }] },
    });
    expect(calls).toEqual([
      [
        'query',
        { route: 'chat', tags: { user: 'ann', vip: '' }, compressed: true, minAgeMs: 500, origin: '' },
        { limit: 7, after: '12:c0' },
      ],
    ]);
  });

  test('one connection, and none', async () => {
    const { call } = api();
    expect(await call('GET /connections/c1')).toMatchObject({ status: 200, body: { id: 'c1' } });
    expect(await call('GET /connections/c2')).toMatchObject({ status: 404, body: { code: 'connection-unknown' } });
  });

  test('counts of live connections, and of ended ones by cause', async () => {
    const { call, calls } = api();
    expect((await call('GET /counts?by=route&state=open')).body).toEqual({
      by: 'route',
      counts: { chat: 1 },
      unanswered: [],
    });
    expect(calls).toEqual([['counts', 'route', { state: 'open' }]]);
    expect((await call('GET /counts?by=cause')).body).toEqual({
      by: 'cause',
      counts: { 'client-close': 2 },
      unanswered: [],
    });
  });

  test('workers and upstreams', async () => {
    const { call } = api();
    expect((await call('GET /workers')).body).toMatchObject({ restarts: 3, workers: [{ pid: 7, connections: 4 }] });
    expect((await call('GET /upstreams')).body).toMatchObject({
      upstreams: [
        {
          name: 'app',
          balance: 'least-connections',
          managed: { upstream: 'app', wanted: 1, restart: null },
          servers: [{ url: 'http://127.0.0.1:9', connections: 4 }],
          instances: [{ instance: 1, state: 'running' }],
        },
      ],
    });
  });
});

describe('closing', () => {
  test('one, with code and reason', async () => {
    const { call, calls } = api();
    expect(await call('POST /connections/c1/close', { code: 4001, reason: 'out' })).toEqual({
      status: 200,
      body: { closed: 1, unanswered: [] },
    });
    expect(calls).toEqual([['close', { id: 'c1' }, { code: 4001, reason: 'out', cause: 'kick', by: 'operator' }]]);
    expect(await call('POST /connections/c2/close', {})).toMatchObject({ status: 404 });
  });

  test('many, by filter, or all when that is said', async () => {
    const { call, calls } = api();
    await call('POST /connections/close', { filter: { route: 'chat', tags: { a: 'b' } } });
    await call('POST /connections/close', { all: true });
    expect(calls.map((entry) => entry[1])).toMatchObject([
      { target: { filter: { route: 'chat', tags: { a: 'b' } } }, cause: 'kick', rate: { perSecond: 1000 } },
      { target: { filter: {} }, code: 1008 },
    ]);
  });
});

describe('sending', () => {
  test('text to one, bytes to many', async () => {
    const { call, calls } = api();
    expect((await call('POST /connections/c1/messages', { text: 'hi' })).body).toMatchObject({ sent: 1, full: 0 });
    await call('POST /messages', { filter: { route: 'chat' }, base64: 'AAH/', to: 'server' });
    expect(calls).toEqual([
      ['send', { id: 'c1' }, { to: 'client', data: 'hi' }],
      ['send', { filter: { route: 'chat' } }, { to: 'server', data: Buffer.from([0, 1, 255]) }],
    ]);
    expect(await call('POST /connections/c2/messages', { text: '' })).toMatchObject({ status: 404 });
  });
});

test('the gate, and readiness with it', async () => {
  const { call } = api();
  expect((await call('GET /readyz')).status).toBe(200);
  expect((await call('PUT /gate', { closed: true })).body).toEqual({
    closed: true,
    routes: [],
    spreadSeconds: 25,
  });
  expect((await call('GET /gate')).body).toMatchObject({ closed: true });
  expect(await call('PUT /gate', { closed: true, route: 'unknown' })).toMatchObject({ status: 404 });
  expect(await call('GET /readyz')).toMatchObject({ status: 503, body: { ok: false, problem: 'the gate is closed' } });
  expect((await call('GET /healthz')).status).toBe(200);
});

test('a reload that fails says why and changes nothing', async () => {
  expect(await api().call('POST /reload')).toMatchObject({ status: 200, body: { changed: ['routes'] } });
  const diagnostic = {
    code: 'x',
    severity: 'error',
    message: 'no such upstream',
    where: { path: 'routes[0]' },
  } as const;
  const failing = api({ reload: async () => ({ changed: ['routes'], lastChange: null, diagnostics: [diagnostic] }) });
  expect(await failing.call('POST /reload')).toMatchObject({
    status: 422,
    body: { code: 'reload-failed', message: 'no such upstream', changed: [], diagnostics: [{ path: 'routes[0]' }] },
  });
});

describe('servers and drains', () => {
  test('servers, and what is done with them', async () => {
    const { call, calls } = api();
    const url = 'http://127.0.0.1:9';
    expect((await call('GET /servers')).body).toMatchObject({ servers: [{ upstream: 'app', url, connections: 4 }] });
    await call('POST /servers', { url, weight: 2, save: true });
    await call('POST /servers/drain', { url, rate: '2%/s', order: 'idlest', code: 4000, reason: 'bye' });
    await call('POST /servers/undrain', { url, upstream: 'app' });
    await call('POST /servers/remove', { url, force: true, save: true });
    const ownPace = { rate: null, order: null, code: null, reason: null };
    expect(calls).toEqual([
      ['add', { upstream: null, url, weight: 2, connectionsMax: null }],
      ['save', { kind: 'add', upstream: 'app', server: { url, weight: 2, connectionsMax: null } }],
      [
        'drain',
        { upstream: null, url },
        { rate: { sharePerSecond: 0.02 }, order: 'idlest', code: 4000, reason: 'bye', force: false },
      ],
      ['undrain', { upstream: 'app', url }],
      ['remove', { upstream: null, url }, { ...ownPace, force: true }],
      ['save', { kind: 'remove', upstream: 'app', url }],
    ]);
  });

  test('drains begin, are looked at and cancelled', async () => {
    const { call, calls } = api();
    expect((await call('POST /drains', { filter: { route: 'chat' }, rate: '100/s' })).body).toMatchObject({ id: 'd1' });
    await call('POST /drains', { worker: 7 });
    expect((await call('GET /drains/d1')).body).toMatchObject({ total: 4, remaining: 3 });
    expect((await call('POST /drains/d1/cancel')).status).toBe(200);
    expect(await call('GET /drains/d9')).toMatchObject({ status: 404, body: { code: 'drain-unknown' } });
    expect(calls[0]).toMatchObject(['start', { what: 'route chat', rate: { perSecond: 100 } }]);
    expect(calls[1]).toMatchObject(['start', { what: 'worker 7', target: { filter: {}, worker: 7 } }]);
  });

  test.each([
    ['POST /drains', {}, 'filter-empty'],
    ['POST /drains', { all: true, rate: '0/s' }, 'control-bad-request'],
    ['POST /drains', { all: true, code: 1005 }, 'control-bad-request'],
    ['POST /drains', { all: true, order: 'youngest' }, 'control-bad-request'],
    ['POST /servers', { url: 5 }, 'control-bad-request'],
    ['POST /servers', { url: 'http://a:1', weight: 0 }, 'control-bad-request'],
  ])('%s %j is refused', async (request, body, code) => {
    expect(await api().call(request, body)).toMatchObject({ status: 400, body: { code } });
  });
});

test('origins, by route, with the mode of the route', async () => {
  const { call } = api();
  expect((await call('GET /origins')).body).toEqual({
    routes: [{ route: 'chat', mode: null, origins: [{ origin: 'https://a.example', handshakes: 2, refused: 0 }] }],
    unanswered: [],
  });
});
