import { describe, expect, test } from 'vitest';
import { api } from './call.ts';

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
