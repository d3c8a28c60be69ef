import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readProxy } from '../../../src/client/dial/proxy.ts';
import { readTarget } from '../../../src/client/dial/target.ts';

const cases: [string, object][] = [
  ['ws://example.com', { secure: false, host: 'example.com', port: 80, hostHeader: 'example.com', target: '/' }],
  ['wss://example.com/a?b=c', { secure: true, port: 443, target: '/a?b=c' }],
  ['ws://example.com:80/', { port: 80, hostHeader: 'example.com' }],
  ['ws://example.com:443/', { port: 443, hostHeader: 'example.com:443' }],
  ['ws://[::1]:9000/', { host: '::1', port: 9000, hostHeader: '[::1]:9000' }],
  ['http://a/', { secure: false, port: 80 }],
  ['https://a/', { secure: true, port: 443 }],
  ['ws://a/b c\n', { target: '/b%20c' }],
  ['ws://user:p%40ss@a/', { hostHeader: 'a', authorization: `Basic ${btoa('user:p@ss')}` }],
  ['ws://50%@a/', { authorization: `Basic ${btoa('50%:')}` }],
  ['ws://a/', { authorization: null }],
];

test.each(cases)('%j', (url, expected) => {
  expect(readTarget(url)).toMatchObject({ ok: true, target: expected });
});

const wrong: [string, string][] = [
  ['', 'malformed'],
  ['example.com/x', 'malformed'],
  ['ws://', 'malformed'],
  ['ws://a:99999/', 'malformed'],
  [`ws://a/${'x'.repeat(9000)}`, 'malformed'],
  ['ftp://a/', 'scheme'],
  ['localhost:8080', 'scheme'],
  ['ws://a/#b', 'fragment'],
  ['ws://a/#', 'fragment'],
];

test.each(wrong)('%j is no target: %s', (url, code) => {
  expect(readTarget(url)).toMatchObject({ ok: false, code });
});

test.each([
  ['', 'is empty'],
  ['ws://a b/', 'a space in its host'],
  ['ws://a:99999/', 'above 65535'],
  ['wss://u:p@[::1]:70000', 'above 65535'],
  ['ws://a:x/', 'a port that is not a number'],
  ['ws://[::1/', 'bracket is not closed'],
  ['ws://', 'names no host'],
  ['nonsense', 'is not a URL'],
])('%j: %s', (url, said) => {
  expect(readTarget(url)).toMatchObject({ ok: false, detail: expect.stringContaining(said) });
});

test('whatever is read can stand in a request line', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map((text) => `ws://a/${text}`),
      ),
      (text) => {
        const read = readTarget(text);
        if (read.ok) expect(`${read.target.target}${read.target.hostHeader}`).toMatch(/^[\x21-\x7e]+$/);
      },
    ),
  );
});

test('proxies', () => {
  expect(readProxy('http://a:3128')).toEqual({ host: 'a', port: 3128, authorization: null });
  expect(readProxy('http://u:p@[::1]/')).toEqual({ host: '::1', port: 80, authorization: `Basic ${btoa('u:p')}` });
  expect(readProxy('socks5://a')).toBe(null);
  expect(readProxy('a:3128')).toBe(null);
});
