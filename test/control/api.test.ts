import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { access } from '../../src/control/access/access.ts';
import { controlApp } from '../../src/control/api/app.ts';
import type { ControlTarget } from '../../src/control/api/target.ts';
import { liveViewers } from '../../src/control/live/viewers.ts';
import { fakeTarget } from './fake-target.ts';

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

function api(
  overrides: Partial<ControlTarget> = {},
  options: { token?: string; read?: string; ownHost?: string } = {},
) {
  const target = fakeTarget(overrides);
  const app = controlApp(target, {
    ownHost: options.ownHost ?? '127.0.0.1',
    access: access({ steer: options.token ?? null, read: options.read ?? null }, () => 1_010_000),
    viewers: liveViewers(target, () => 1_010_000),
    nowMs: () => 1_010_000,
  });
  async function call(request: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const [method, path] = request.split(' ') as [string, string];
    const response = await app.request(path, {
      method,
      headers: { host: '127.0.0.1:4653', 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : { text } };
  }
  return { call, calls: target.calls };
}

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

describe('bad requests', () => {
  test.each<[string, unknown, number, string]>([
    ['GET /nothing', undefined, 404, 'control-not-found'],
    ['DELETE /connections', undefined, 404, 'control-not-found'],
    ['GET /connections?limit=0', undefined, 400, 'control-bad-request'],
    ['GET /connections?limit=1001', undefined, 400, 'control-bad-request'],
    ['GET /connections?state=dead', undefined, 400, 'control-bad-request'],
    ['GET /connections?cursor=nonsense', undefined, 400, 'control-bad-request'],
    ['GET /counts', undefined, 400, 'control-bad-request'],
    ['GET /counts?by=lastDataMs', undefined, 400, 'control-bad-request'],
    ['POST /connections/close', {}, 400, 'filter-empty'],
    ['POST /connections/close', { filter: { tags: {} } }, 400, 'filter-empty'],
    ['POST /connections/close', { filter: { rout: 'chat' } }, 400, 'control-bad-request'],
    ['POST /connections/close', '{', 400, 'control-bad-request'],
    ['POST /connections/close', undefined, 400, 'control-bad-request'],
    ['POST /connections/c1/close', { code: 1006 }, 400, 'control-bad-request'],
    ['POST /connections/c1/close', { code: 2000 }, 400, 'control-bad-request'],
    ['POST /connections/c1/close', { reason: 'é'.repeat(62) }, 400, 'control-bad-request'],
    ['POST /messages', { text: 'x' }, 400, 'filter-empty'],
    ['POST /messages', { all: true }, 400, 'control-bad-request'],
    ['POST /messages', { all: true, text: 'x', base64: '' }, 400, 'control-bad-request'],
    ['POST /messages', { all: true, base64: '%%%' }, 400, 'control-bad-request'],
    ['POST /messages', { all: true, text: 'x'.repeat(1_500_001) }, 413, 'control-body-too-large'],
    ['PUT /gate', { closed: 'yes' }, 400, 'control-bad-request'],
  ])('%s %j: %i %s', async (request, body, status, code) => {
    const { call, calls } = api();
    const answer = await call(request, body);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(Object.keys(answer.body)).toEqual(['code', 'message', 'help']);
    expect(calls).toEqual([]);
  });

  test('a body that does not call itself JSON is not taken for one', async () => {
    const { call, calls } = api();
    const answer = await call('POST /connections/close', { all: true }, { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'control-bad-request' } });
    expect(calls).toEqual([]);
  });

  test('a fault of ours shows nothing of its inside', async () => {
    const { call } = api({
      connection: async () => {
        throw new Error('secret path');
      },
    });
    const answer = await call('GET /connections/c1');
    expect(answer).toMatchObject({ status: 500, body: { code: 'control-failed' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('who may speak', () => {
  test.each([
    ['127.0.0.1:4653', 200],
    ['localhost:9999', 200],
    ['[::1]:4653', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['', 403],
  ])('Host %j: %i', async (host, status) => {
    expect((await api().call('GET /gate', undefined, { host })).status).toBe(status);
  });

  test('the configured name is a name of ours', async () => {
    const { call } = api({}, { ownHost: 'edge.internal', token: 't' });
    expect((await call('GET /gate', undefined, { host: 'edge.internal:1', authorization: 'Bearer t' })).status).toBe(
      200,
    );
  });

  test.each([
    ['http://127.0.0.1:4653', 200],
    ['http://127.0.0.1:3000', 403],
    ['https://evil.example', 403],
    ['null', 403],
  ])('Origin %s: %i', async (origin, status) => {
    expect((await api().call('GET /gate', undefined, { origin })).status).toBe(status);
  });

  test.each([
    [undefined, 401],
    ['Bearer wrong', 401],
    ['Bearer ', 401],
    ['Basic right', 401],
    ['Bearer right', 200],
    ['bearer right', 200],
  ])('with a token, Authorization %s: %i', async (authorization, status) => {
    const { call } = api({}, { token: 'right' });
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    expect((await call('GET /metrics', undefined, headers)).status).toBe(status);
    expect((await call('GET /healthz')).status).toBe(200);
  });
});

test('the description names every route', async () => {
  const { body } = await api().call('GET /openapi.json');
  expect(Object.keys(body.paths as object).sort()).toEqual([
    '/complete',
    '/connections',
    '/connections/close',
    '/connections/{id}',
    '/connections/{id}/close',
    '/connections/{id}/messages',
    '/connections/{id}/tap',
    '/counts',
    '/drains',
    '/drains/{id}',
    '/drains/{id}/cancel',
    '/even',
    '/events',
    '/gate',
    '/healthz',
    '/history',
    '/messages',
    '/metrics',
    '/origins',
    '/previews',
    '/readyz',
    '/reload',
    '/servers',
    '/servers/drain',
    '/servers/rebalance',
    '/servers/remove',
    '/servers/undrain',
    '/session',
    '/status',
    '/upgrade',
    '/upgrade/cancel',
    '/upstreams',
    '/upstreams/{name}/restart',
    '/version',
    '/workers',
  ]);
});

test('the page names every route and every metric, and no other', async () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/control-api.md'), 'utf8');
  const described = [...page.matchAll(/`(?:GET|POST|PUT) (\/[^`?]*)/g)].map((match) => match[1]!);
  const { body } = await api().call('GET /openapi.json');
  expect([...new Set(described)].sort()).toEqual([...Object.keys(body.paths as object), '/openapi.json'].sort());
  const { text } = (await api().call('GET /metrics')).body as { text: string };
  const named = [...page.matchAll(/`(holdline_\w+)`/g)].map((match) => match[1]!);
  expect(named.sort()).toEqual([...text.matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1]!).sort());
});

test('the metrics in text form', async () => {
  const { text } = (await api().call('GET /metrics')).body as { text: string };
  for (const line of [
    '# TYPE holdline_connections gauge',
    'holdline_connections{route="chat"} 4',
    'holdline_server_connections{server="http://127.0.0.1:9"} 4',
    '# TYPE holdline_handshakes_total counter',
    'holdline_handshakes_total{route="chat",outcome="upgraded"} 6',
    'holdline_closes_total{route="chat",cause="client-close"} 2',
    'holdline_bytes_total{route="chat",from="client"} 12',
    'holdline_messages_total{route="chat",from="server"} 3',
    '# TYPE holdline_handshake_seconds histogram',
    'holdline_handshake_seconds_bucket{le="0.001",route="chat"} 0',
    'holdline_handshake_seconds_bucket{le="10",route="chat"} 5',
    'holdline_handshake_seconds_bucket{le="+Inf",route="chat"} 6',
    'holdline_handshake_seconds_sum{route="chat"} 20',
    'holdline_handshake_seconds_count{route="chat"} 6',
    'holdline_event_loop_delay_seconds{worker="7"} 0.25',
    'holdline_memory_bytes{worker="7"} 50000000',
    'holdline_worker_restarts_total 3',
    'holdline_gate_closed 0',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('OpenMetrics for whoever accepts it: units, no _total in a family’s name, and an end', async () => {
  const { call } = api();
  const asPrometheus =
    'application/openmetrics-text;version=1.0.0;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1';
  const { text } = (await call('GET /metrics', undefined, { accept: asPrometheus })).body as { text: string };
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  for (const line of [
    '# TYPE holdline_bytes counter',
    '# UNIT holdline_bytes bytes',
    'holdline_bytes_total{route="chat",from="client"} 12',
    '# UNIT holdline_handshake_seconds seconds',
    'holdline_handshake_seconds_bucket{le="10.0",route="chat"} 5',
    'holdline_handshake_seconds_bucket{le="+Inf",route="chat"} 6',
    'holdline_worker_restarts_total 3',
    'holdline_build_info{version="0"} 1',
  ])
    expect(text.split('\n')).toContain(line);
  for (const accept of ['*/*', 'text/plain', 'text/plain, application/openmetrics-text;q=0.1'])
    expect((await call('GET /metrics', undefined, { accept })).body.text).not.toContain('# EOF');
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
