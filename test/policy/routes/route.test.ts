import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRoutes, matchRoute } from '../../../src/policy/routes/route.ts';

const route = (name: string, host: string | null, path: string) => ({ name, match: { host, path } });

const table = compileRoutes([
  route('app-chat', 'app.example.com', '/chat/'),
  route('app-rooms', 'app.example.com', '/chat/rooms'),
  route('app-admin', 'app.example.com', '/admin'),
  route('wild', '*.example.com', '/'),
  route('wild-admin', '*.example.com', '/admin/'),
  route('deep-wild', '*.eu.example.com', '/live'),
  route('unicode', 'bücher.example', '/café/'),
  route('address', '192.0.2.7', '/'),
  route('address6', '[2001:db8::1]', '/'),
  route('number-wild', '*.0.2.7', '/'),
  route('any-health', null, '/health'),
  route('any-second', null, '/health/'),
  route('encoded', null, '/a%20b'),
]);

function check(host: string | undefined, target: string): string | undefined {
  return matchRoute(table, host, target)?.name;
}

describe('hosts', () => {
  test.each<[string | undefined, string, string | undefined]>([
    ['app.example.com', '/chat/', 'app-chat'],
    ['app.example.com:8080', '/chat/', 'app-chat'],
    ['App.Example.COM', '/chat/', 'app-chat'],
    ['app.example.com.', '/chat/', 'app-chat'],
    ['app.example.com.:443', '/chat/', 'app-chat'],
    ['app.example.com..', '/chat/', undefined],
    ['app.example.com', '/other', 'wild'],
    ['app.example.com', '/admin', 'app-admin'],
    ['www.example.com', '/admin', 'wild-admin'],
    ['a.b.example.com', '/', 'wild'],
    ['example.com', '/', undefined],
    ['evilexample.com', '/', undefined],
    ['app.example.com.evil.net', '/chat/', undefined],
    ['x.eu.example.com', '/live', 'deep-wild'],
    ['x.eu.example.com', '/dead', 'wild'],
    ['eu.example.com', '/live', 'wild'],
    ['xn--bcher-kva.example', '/caf%C3%A9/x', 'unicode'],
    ['xn--bcher-kva.example', '/caf\u00c3\u00a9/x', 'unicode'],
    ['xn--bcher-kva.example', '/caf\u00e9/x', undefined],
    ['192.0.2.7:80', '/', 'address'],
    ['1.0.2.7', '/', undefined],
    ['[2001:db8::1]:8443', '/', 'address6'],
    ['[2001:DB8::1]', '/', 'address6'],
    ['app.example.com:port', '/chat/', undefined],
    ['user@app.example.com', '/chat/', undefined],
    ['app.example.com/chat', '/chat/', undefined],
    ['app.example.com, x', '/chat/', undefined],
    ['', '/health', 'any-health'],
    [undefined, '/health', 'any-health'],
    ['anything.test', '/health', 'any-health'],
    ['app.example.com', '/health', 'wild'],
    ['bad host', '/health', 'any-health'],
  ])('%j %s -> %s', (host, target, expected) => {
    expect(check(host, target)).toBe(expected);
  });
});

describe('paths', () => {
  test.each<[string, string | undefined]>([
    ['/chat', 'app-chat'],
    ['/chat/', 'app-chat'],
    ['/chat?x=/../admin', 'app-chat'],
    ['/chat#x', 'app-chat'],
    ['/chat/rooms', 'app-rooms'],
    ['/chat/rooms/7', 'app-rooms'],
    ['/chat/roomsx', 'app-chat'],
    ['/chatter', 'wild'],
    ['/Chat', 'wild'],
    ['/', 'wild'],
    ['//chat', 'app-chat'],
    ['/chat//rooms', 'app-rooms'],
    ['/%63hat', 'app-chat'],
    ['/%61dmin', 'app-admin'],
    // Two readings that agree.
    ['/chat/./x', 'app-chat'],
    ['/chat/x/../y', 'app-chat'],
    ['/chat/a%2Fb', 'app-chat'],
    ['/chat/a\\b', 'app-chat'],
    ['/../../x', 'wild'],
    // Two readings that do not.
    ['/chat/../admin', undefined],
    ['/admin/../chat', undefined],
    ['/chat/..', undefined],
    ['/chat/../x', undefined],
    ['/chat/%2e%2e/admin', undefined],
    ['/chat/.%2E/admin', undefined],
    ['/chat/..%2fadmin', undefined],
    ['/chat/..%5cadmin', undefined],
    ['/chat/..\\admin', undefined],
    ['/chat%2frooms', undefined],
    ['/chat%2f..%2fadmin', undefined],
    ['/./chat', undefined],
    ['/../chat', undefined],
    ['/chat/rooms/../../admin', undefined],
    // Decoded once only: these are names and no dots.
    ['/chat/%252e%252e/admin', 'app-chat'],
    ['/chat/%252e%252e%252fadmin', 'app-chat'],
    ['/chat/...', 'app-chat'],
    ['/chat/..x', 'app-chat'],
    // Not well formed.
    ['', undefined],
    ['chat', undefined],
    ['*', undefined],
    ['http://app.example.com/chat', undefined],
    ['?x', undefined],
    ['/chat/%', undefined],
    ['/chat/%2', undefined],
    ['/chat/%zz', undefined],
    ['/chat%00/x', undefined],
    ['/chat\u0000', undefined],
    ['/chat%0d%0a', undefined],
    ['/chat\u007f', undefined],
  ])('%j -> %s', (target, expected) => {
    expect(check('app.example.com', target)).toBe(expected);
  });

  test('a route written with percent-encoding is matched by its meaning', () => {
    expect(check(undefined, '/a%20b/c')).toBe('encoded');
  });
});

test('a table without routes matches nothing', () => {
  expect(matchRoute(compileRoutes([]), 'app.example.com', '/')).toBeUndefined();
});

test('a route whose host is no host name matches nothing', () => {
  const wrong = compileRoutes([route('wrong', 'a b', '/'), route('worse', '*', '/'), route('star', '*.*.x', '/')]);
  for (const host of ['a b', '*', 'a.b.x', undefined]) expect(matchRoute(wrong, host, '/')).toBeUndefined();
});

describe('properties', () => {
  const segment = fc.constantFrom(
    'chat',
    'rooms',
    'admin',
    '..',
    '.',
    '',
    '%2e%2e',
    '..%2f',
    '%2f',
    '\\',
    'x',
    '%252e',
  );
  const target = fc.array(segment, { maxLength: 8 }).map((segments) => `/${segments.join('/')}`);

  test('what is routed to the chat is the chat for a server that resolves paths, and for one that does not', () => {
    fc.assert(
      fc.property(target, (path) => {
        const name = check('app.example.com', path);
        if (name !== 'app-chat' && name !== 'app-rooms') return;
        const slashes = path.replace(/%2f|\\/gi, '/').replace(/\/+/g, '/');
        expect(new URL(slashes, 'http://h').pathname).toMatch(/^\/chat(\/|$)/);
        expect(path.replace(/\/+/g, '/')).toMatch(/^\/chat(\/|$)/);
      }),
      { numRuns: 3000 },
    );
  });

  test('the longest prefix wins whatever the order of the routes', () => {
    const name = fc.constantFrom('a', 'b');
    const path = fc.array(name, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 8 }), path, (paths, request) => {
        const routes = compileRoutes(paths.map((each) => route(each, null, each)));
        const expected = paths
          .filter((each) => each === '/' || request === each || request.startsWith(`${each}/`))
          .sort((a, b) => b.length - a.length)[0];
        expect(matchRoute(routes, undefined, request)?.name).toBe(expected);
      }),
    );
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (host, rest) => {
        matchRoute(table, host, `/${rest}`);
        matchRoute(table, host, rest);
      }),
    );
  });
});
