import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  authorizerRequestHeaders,
  type Header,
  isAuthorizersHeader,
  readAuthorizerAnswer,
} from '../../../src/policy/admission/authorize.ts';
import { readTags } from '../../../src/policy/admission/tags.ts';
import type { ForwardedClient } from '../../../src/policy/client-address/forwarded.ts';

const spec = {
  url: 'http://127.0.0.1:9001/authorize',
  timeoutMs: 1000,
  headers: ['x-user', 'x-tenant', 'sec-websocket-key', 'connection'],
};
const client: ForwardedClient = {
  address: '192.0.2.1',
  port: 0,
  viaTrustedProxy: false,
  chain: ['192.0.2.1'],
  proto: 'https',
  host: 'app.example.com',
  certificateSubject: '',
};

describe('the question', () => {
  const ask = (...headers: Header[]) =>
    authorizerRequestHeaders({ method: 'GET', target: '/chat?room=7', headers, client }).map(
      ([name, value]) => `${name}: ${value}`,
    );

  const always = [
    'X-Forwarded-For: 192.0.2.1',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: app.example.com',
    'X-Real-IP: 192.0.2.1',
    'X-Original-Method: GET',
    'X-Original-URI: /chat?room=7',
  ];

  test('the edge’s own headers are always there', () => {
    expect(ask()).toEqual(always);
  });

  test.each<[name: string, value: string, passed: boolean]>([
    ['Cookie', 'sid=1', true],
    ['Authorization', 'Bearer x', true],
    ['Origin', 'https://app.example.com', true],
    ['User-Agent', 'x', true],
    ['Sec-WebSocket-Protocol', 'chat, token', true],
    ['X-User', 'a client may say who it is', true],
    ['Sec-WebSocket-Key', 'x', false],
    ['Sec-WebSocket-Version', '13', false],
    ['Sec-WebSocket-Extensions', 'permessage-deflate', false],
    ['Upgrade', 'websocket', false],
    ['Connection', 'Upgrade', false],
    ['TE', 'trailers', false],
    ['Transfer-Encoding', 'chunked', false],
    ['Content-Length', '5', false],
    ['Host', 'app.example.com', false],
    ['X-Forwarded-For', '1.1.1.1', false],
    ['X-Forwarded-User', 'admin', false],
    ['Forwarded', 'for=1.1.1.1', false],
    ['X-Original-URI', '/public', false],
    ['x-original-method', 'OPTIONS', false],
    ['X-Holdline-Tag-Role', 'admin', false],
  ])('%s: %s goes with it: %s', (name, value, passed) => {
    expect(ask([name, value])).toEqual(passed ? [`${name}: ${value}`, ...always] : always);
  });

  test('what Connection names stays here', () => {
    expect(ask(['Connection', 'Upgrade, X-Secret'], ['X-Secret', '1'], ['X-Other', '2'])).toEqual([
      'X-Other: 2',
      ...always,
    ]);
  });
});

describe('the answer', () => {
  test.each<[number, string]>([
    [200, 'allow'],
    [204, 'allow'],
    [299, 'allow'],
    [401, 'refuse'],
    [403, 'refuse'],
    [100, 'fail'],
    [101, 'fail'],
    [300, 'fail'],
    [302, 'fail'],
    [404, 'fail'],
    [407, 'fail'],
    [429, 'fail'],
    [500, 'fail'],
    [503, 'fail'],
    [0, 'fail'],
    [Number.NaN, 'fail'],
  ])('%i: %s', (status, kind) => {
    expect(readAuthorizerAnswer(spec, status, []).kind).toBe(kind);
  });

  test('chosen headers and tags are taken, nothing else', () => {
    const headers: Header[] = [
      ['X-User', 'ada'],
      ['X-TENANT', 'acme'],
      ['X-Other', '1'],
      ['Set-Cookie', 'a=b'],
      ['Connection', 'close'],
      ['Sec-WebSocket-Key', 'forged'],
      ['X-Holdline-Tag-Tenant', 'acme'],
      ['X-Holdline-Tag-', 'nameless'],
    ];
    expect(readAuthorizerAnswer(spec, 200, headers)).toEqual({
      kind: 'allow',
      cookies: ['a=b'],
      headers: [
        ['X-User', 'ada'],
        ['X-TENANT', 'acme'],
      ],
      tags: { tenant: 'acme' },
      problems: [expect.stringMatching(/name/)],
    });
  });

  test.each([['a\r\nX-Admin: 1'], ['a\0'], ['\u0100'], ['x'.repeat(8193)]])(
    'a chosen header with %j fails',
    (value) => {
      expect(readAuthorizerAnswer(spec, 200, [['X-User', value]]).kind).toBe('fail');
      expect(readAuthorizerAnswer(spec, 200, [['X-Other', value]]).kind).toBe('allow');
    },
  );

  test('a refusal keeps its headers, but for those of the hop', () => {
    const headers: Header[] = [
      ['WWW-Authenticate', 'Bearer'],
      ['Content-Type', 'text/plain'],
      ['Content-Length', '3'],
      ['Transfer-Encoding', 'chunked'],
      ['Connection', 'keep-alive, X-Hop'],
      ['X-Hop', '1'],
      ['X-Holdline-Tag-Role', 'none'],
      ['Set-Cookie', 'a=b'],
      ['Set-Cookie', 'c=d'],
    ];
    expect(readAuthorizerAnswer(spec, 401, headers)).toEqual({
      kind: 'refuse',
      status: 401,
      headers: [
        ['WWW-Authenticate', 'Bearer'],
        ['Content-Type', 'text/plain'],
        ['Set-Cookie', 'a=b'],
        ['Set-Cookie', 'c=d'],
      ],
    });
  });

  test.each<[string, boolean]>([
    ['x-user', true],
    ['x-tenant', true],
    ['x-holdline-tag-role', true],
    ['x-original-uri', true],
    ['cookie', false],
  ])('the client may not send %s on: %s', (name, expected) => {
    expect(isAuthorizersHeader(spec, name)).toBe(expected);
  });
});

describe('tags', () => {
  const tag = (name: string, value: string): Header => [`X-Holdline-Tag-${name}`, value];

  test.each<[Header, Record<string, string>]>([
    [tag('User-Id', '42'), { 'user-id': '42' }],
    [tag('a_b2', 'x y'), { a_b2: 'x y' }],
    [tag('constructor', 'x'), { constructor: 'x' }],
    [tag('x'.repeat(32), 'x'.repeat(128)), { ['x'.repeat(32)]: 'x'.repeat(128) }],
    [tag('x'.repeat(33), 'x'), {}],
    [tag('x', 'x'.repeat(129)), {}],
    [tag('__proto__', 'x'), {}],
    [tag('2x', 'x'), {}],
    [tag('a.b', 'x'), {}],
    [tag('a', ''), {}],
    [tag('a', 'ü'), {}],
    [tag('a', 'x\ty'), {}],
    [['X-Holdline-Tags', 'x'], {}],
  ])('%j gives %j', (header, expected) => {
    const { tags, problems } = readTags([header]);
    expect(tags).toEqual(expected);
    expect(problems.length).toBe(Object.keys(expected).length === 0 && header[0] !== 'X-Holdline-Tags' ? 1 : 0);
  });

  test('sixteen at the most, the first of each name, a few problems', () => {
    const many = Array.from({ length: 40 }, (_, index) => tag(`t${index}`, 'x'));
    const { tags, problems } = readTags([tag('t0', 'first'), ...many]);
    expect(Object.keys(tags)).toHaveLength(16);
    expect(tags.t0).toBe('first');
    expect(problems).toHaveLength(4);
  });

  test('whatever an authorizer sends, tags stay small and plain', () => {
    const header = fc.tuple(
      fc.string({ unit: 'binary' }).map((name) => `x-holdline-tag-${name}`),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(header, { maxLength: 30 }), (headers) => {
        const { tags } = readTags(headers);
        expect(Object.keys(tags).length).toBeLessThanOrEqual(16);
        for (const [name, value] of Object.entries(tags)) {
          expect(name).toMatch(/^[a-z][a-z0-9_-]{0,31}$/);
          expect(value).toMatch(/^[ -~]{1,128}$/);
        }
      }),
    );
  });
});
