/** Who may look, who may steer, and what a foreign page can do: nothing. */
import { describe, expect, test } from 'vitest';
import { access } from '../../../src/control/access/access.ts';
import { controlApp } from '../../../src/control/api/app.ts';
import { liveViewers } from '../../../src/control/live/viewers.ts';
import { fakeTarget } from '../fake-target.ts';

function edge(tokens: { readonly steer: string | null; readonly read: string | null }) {
  let nowMs = 1_010_000;
  const target = fakeTarget();
  const app = controlApp(target, {
    ownHost: 'edge.example.com',
    access: access(tokens, () => nowMs),
    viewers: liveViewers(target, () => nowMs),
    nowMs: () => nowMs,
  });
  const call = (request: string, headers: Record<string, string> = {}, body?: string) => {
    const [method, path] = request.split(' ') as [string, string];
    return app.request(path, {
      method,
      headers: {
        host: '127.0.0.1:4653',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
  };
  const later = (ms: number) => {
    nowMs += ms;
  };
  return { call, target, later };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const guarded = { steer: 'steer-token', read: 'read-token' };
const kick = '{"filter":{"route":"chat"}}';

describe('roles', () => {
  const cases: readonly [string, Record<string, string>, number][] = [
    ['GET /connections', {}, 401],
    ['GET /connections', bearer('wrong'), 401],
    ['GET /connections', bearer('steer-token2'), 401],
    ['GET /connections', bearer('read-token'), 200],
    ['GET /connections', bearer('steer-token'), 200],
    ['GET /history', {}, 401],
    ['GET /events', {}, 401],
    ['GET /metrics', {}, 401],
    ['POST /connections/close', bearer('read-token'), 403],
    ['POST /previews', bearer('read-token'), 403],
    ['PUT /gate', bearer('read-token'), 403],
    ['POST /reload', bearer('read-token'), 403],
    ['POST /connections/close', bearer('steer-token'), 200],
    ['GET /healthz', {}, 200],
  ];
  test.each(cases)('%s with %j: %s', async (request, headers, status) => {
    const { call, target } = edge(guarded);
    const response = await call(
      request,
      headers,
      request.startsWith('POST') || request.startsWith('PUT') ? kick : undefined,
    );
    expect(response.status).toBe(status);
    if (status !== 200) expect(target.calls).toEqual([]);
  });

  test('who steered is written down', async () => {
    const { call, target } = edge(guarded);
    await call('POST /connections/close', bearer('steer-token'), kick);
    expect(target.notes).toEqual([
      expect.objectContaining({
        kind: 'steered',
        who: 'steer token from this process',
        act: 'closed 1 connection (route:chat) with 1008',
      }),
    ]);
    expect(JSON.stringify(target.notes)).not.toContain('steer-token');
  });
});

describe('the page’s session', () => {
  test('a token once, then a cookie that no script and no other site can use', async () => {
    const { call, later } = edge(guarded);
    expect((await call('POST /session', {}, '{"token":"wrong"}')).status).toBe(401);
    const signedIn = await call('POST /session', {}, '{"token":"read-token"}');
    const cookie = signedIn.headers.get('set-cookie')!;
    expect(cookie).toMatch(/^holdline_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const headers = { cookie: cookie.split(';')[0]! };
    expect(await (await call('GET /session', headers)).json()).toEqual({ name: 'read token', role: 'read' });
    expect((await call('GET /connections', headers)).status).toBe(200);
    expect((await call('PUT /gate', headers, '{"closed":true}')).status).toBe(403);
    later(13 * 3_600_000);
    expect((await call('GET /connections', headers)).status).toBe(401);
  });
  test('signing out ends it', async () => {
    const { call } = edge(guarded);
    const headers = {
      cookie: (await call('POST /session', {}, '{"token":"steer-token"}')).headers.get('set-cookie')!.split(';')[0]!,
    };
    expect((await call('GET /connections', headers)).status).toBe(200);
    await call('DELETE /session', headers);
    expect((await call('GET /connections', headers)).status).toBe(401);
  });
  test('a token in the address is no token', async () => {
    expect((await edge(guarded).call('GET /connections?token=steer-token')).status).not.toBe(200);
  });
});

describe('cross-site request forgery', () => {
  const foreign: readonly Record<string, string>[] = [
    { origin: 'https://attacker.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:8080' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
  ];
  test.each(foreign)('%j', async (headers) => {
    const { call, target } = edge({ steer: null, read: null });
    for (const [request, body] of [
      ['POST /connections/close', '{"all":true}'],
      ['PUT /gate', '{"closed":true}'],
      ['POST /reload', undefined],
      ['GET /events', undefined],
    ] as const)
      expect((await call(request, { ...headers, 'content-type': 'text/plain' }, body)).status).toBe(403);
    expect([target.calls, target.notes, target.gates.state().closed]).toEqual([[], [], false]);
  });
  test('its own page may', async () => {
    const { call } = edge({ steer: null, read: null });
    const own = { origin: 'http://127.0.0.1:4653', 'sec-fetch-site': 'same-origin' };
    expect((await call('PUT /gate', own, '{"closed":true}')).status).toBe(200);
  });
});

describe('rebinding', () => {
  test.each([
    'attacker.example',
    'attacker.example:4653',
    'localhost.attacker.example',
    '127.0.0.1.attacker.example',
    '',
  ])('Host: %s', async (host) => {
    const { call } = edge({ steer: null, read: null });
    for (const request of ['GET /', 'GET /connections', 'GET /session'])
      expect((await call(request, { host })).status).toBe(403);
  });
  test.each(['edge.example.com:4653', 'localhost:9', '[::1]:4653'])('Host: %s is one of ours', async (host) => {
    expect((await edge({ steer: null, read: null }).call('GET /connections', { host })).status).toBe(200);
  });
});

test('every answer forbids frames, foreign scripts and text that becomes markup', async () => {
  const { call } = edge({ steer: null, read: null });
  for (const request of ['GET /connections', 'GET /nothing', 'GET /metrics', 'GET /assets/nothing.js']) {
    const { headers } = await call(request);
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/,
    );
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});
