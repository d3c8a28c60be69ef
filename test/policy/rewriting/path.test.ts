import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePath, cookieForClient, locationForClient } from '../../../src/policy/rewriting/path.ts';
import type { PathSpec } from '../../../src/spec/model.ts';

const none = { strip: null, prefix: null, replace: null };
const mapping = (change: Partial<PathSpec>, match = '/app') => compilePath({ ...none, ...change }, match)!;

describe('what the server is asked for', () => {
  test.each<[Partial<PathSpec>, string, string | null]>([
    [{ strip: '/app' }, '/app/ws?room=1', '/ws?room=1'],
    [{ strip: '/app' }, '/app', '/'],
    [{ strip: '/app' }, '/app?x', '/?x'],
    [{ strip: '/app/' }, '/app/', '/'],
    [{ strip: '/app' }, '//app//ws', '/ws'],
    [{ strip: '/app' }, '/app//evil.example/x', '/evil.example/x'],
    [{ prefix: '/v2' }, '//evil.example/x', '/v2/evil.example/x'],
    [{ strip: '/app' }, '/%61pp/ws', '/ws'],
    [{ strip: '/app', prefix: '/v2' }, '/app/ws', '/v2/ws'],
    [{ strip: '/app', prefix: '/v2/' }, '/app', '/v2/'],
    [{ prefix: '/ws' }, '/room?x=/y', '/ws/room?x=/y'],
    [{ prefix: '/ws' }, '/', '/ws'],
    [{ prefix: '/ws/' }, '/?a=b', '/ws/?a=b'],
    [{ replace: '/socket' }, '/app/1', '/socket/1'],
    [{ replace: '/socket' }, '/app', '/socket'],
    [{ replace: '/' }, '/app/1', '/1'],
    // Servers would undo what was put in front, or take off more.
    [{ prefix: '/tenant1' }, '/../tenant2/ws', null],
    [{ prefix: '/tenant1' }, '/%2e%2e/tenant2/ws', null],
    [{ strip: '/app' }, '/app/..%2fsecret', null],
  ])('%j: %s becomes %s', (change, target, expected) => {
    expect(mapping(change).toServer(target)).toBe(expected);
  });

  test('there and back, whatever the path', () => {
    const segment = fc.stringMatching(/^[a-z0-9%41._~-]{1,8}$/).filter((text) => !/%(?![\da-f]{2})/i.test(text));
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
    fc.assert(
      fc.property(path, fc.option(path), (rest, prefix) => {
        const change = mapping({ strip: '/app', prefix });
        const asked = `/app${rest}`;
        const served = change.toServer(asked);
        // What the server calls as it is asked, the client finds where it asked; unless it looks like a public path
        // already.
        if (served !== null && !/^\/app(?:\/|$)/.test(served)) expect(change.toClient(served)).toBe(asked);
      }),
    );
  });
});

describe('Location', () => {
  const hosts = {
    clientHost: 'edge.example',
    publicOrigin: 'https://edge.example',
    serverOrigin: 'http://10.0.0.1:9000',
  };
  test.each<[Partial<PathSpec>, string, string]>([
    [{ strip: '/app' }, '/login?next=/x', '/app/login?next=/x'],
    [{ strip: '/app' }, '/', '/app/'],
    [{ strip: '/app' }, '/app/login', '/app/login'],
    [{ strip: '/app' }, '/apple', '/app/apple'],
    [{ strip: '/app' }, 'login', 'login'],
    [{ strip: '/app' }, '?page=2', '?page=2'],
    [{ strip: '/app' }, 'https://edge.example/login', 'https://edge.example/app/login'],
    [{ strip: '/app' }, 'http://EDGE.example', 'http://EDGE.example/app/'],
    [{ strip: '/app' }, '//edge.example/login', '//edge.example/app/login'],
    [{ strip: '/app' }, 'http://10.0.0.1:9000/login#top', 'https://edge.example/app/login#top'],
    [{ strip: '/app' }, 'https://accounts.example/login', 'https://accounts.example/login'],
    [{ prefix: '/ws' }, '/ws/login', '/login'],
    [{ prefix: '/ws' }, '/ws', '/'],
    [{ prefix: '/ws' }, '/other', '/other'],
    [{ replace: '/socket' }, '/socket/1', '/app/1'],
  ])('%j: %s becomes %s', (change, value, expected) => {
    expect(locationForClient(value, mapping(change), hosts)).toBe(expected);
  });
});

describe('Set-Cookie', () => {
  test.each<[Partial<PathSpec>, string, string]>([
    [{ strip: '/app' }, 'a=1; Path=/; HttpOnly', 'a=1; Path=/app; HttpOnly'],
    [{ strip: '/app' }, 'a=1; path=/api', 'a=1; path=/app/api'],
    [{ strip: '/app' }, 'a=1;PATH = /api ;Secure', 'a=1;PATH = /app/api ;Secure'],
    [{ strip: '/app' }, 'a=1; HttpOnly', 'a=1; HttpOnly'],
    [{ strip: '/app' }, 'path=/; HttpOnly', 'path=/; HttpOnly'],
    [{ strip: '/app' }, '__Host-a=1; Path=/; Secure', '__Host-a=1; Path=/; Secure'],
    [{ prefix: '/ws' }, 'a=1; Path=/ws', 'a=1; Path=/'],
    [{ prefix: '/ws' }, 'a=1; Path=/', 'a=1; Path=/'],
  ])('%j: %s becomes %s', (change, value, expected) => {
    expect(cookieForClient(value, mapping(change))).toBe(expected);
  });
});
