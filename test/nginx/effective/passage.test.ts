/** What becomes of one request. test/real/nginx/fixes.test.ts holds the same model against a real nginx. */
import { describe, expect, test } from 'vitest';
import { requestFor } from '../../../src/nginx/effective/request/address.ts';
import { passageOf } from '../../../src/nginx/effective/request/passage.ts';
import { lintFiles } from '../lint/linting.ts';

/** The request line and address, or the answer. */
function end(http: string, url: string): string {
  const { model } = lintFiles({ 'nginx.conf': `events {}\nhttp {\n${http}\n}\n` });
  const { outcome, server } = passageOf(model, requestFor(url)!);
  const who = server?.names[0] ?? '';
  if (outcome.kind === 'proxied') return `${who} ${outcome.to.text} ${outcome.uri.text}`;
  if (outcome.kind === 'answered') return `${who} ${outcome.status} ${outcome.text.text}`.trimEnd();
  return `${who} ${outcome.kind}`;
}

const one = (lines: string) => `server { listen 80; server_name a.test; ${lines} }`;
const pass = (head: string, to = 'http://127.0.0.1:9000', more = '') =>
  `location ${head} { ${more} proxy_pass ${to}; }`;

describe('the server', () => {
  const named = (name: string, listen = '80') => `server { listen ${listen}; server_name ${name}; return 200; }`;
  test.each([
    [[named('b.test'), named('a.test')], 'ws://a.test/', 'a.test'],
    [[named('b.test'), named('*.test')], 'ws://a.test/', '*.test'],
    [[named('*.test'), named('*.a.test')], 'ws://x.a.test/', '*.a.test'],
    [[named('b.test'), named('www.*')], 'ws://www.x/', 'www.*'],
    [[named('b.test'), named('"~^c[0-9]+$"')], 'ws://c12/', '~^c[0-9]+$'],
    [[named('b.test'), named('a.test')], 'ws://other/', 'b.test'],
    [[named('b.test'), named('a.test', '80 default_server')], 'ws://other/', 'a.test'],
    [[named('a.test'), named('a.test.tls', '443 ssl')], 'wss://a.test/', 'a.test.tls'],
  ])('of %j for %s', (servers, url, expected) => {
    expect(end(servers.join('\n'), url).split(' ')[0]).toBe(expected);
  });
});

test.each([
  ['as it came', pass('/ws'), '/ws?x=%20a', 'http://127.0.0.1:9000 /ws?x=%20a'],
  [
    'with the part of the location replaced',
    pass('/ws/', 'http://127.0.0.1:9000/'),
    '/ws/a?x=1',
    'http://127.0.0.1:9000 /a?x=1',
  ],
  ['with slashes that do not fit', pass('/ws', 'http://127.0.0.1:9000/'), '/ws/a', 'http://127.0.0.1:9000 //a'],
  [
    'with a variable in the address, without path and query',
    pass('/ws', 'http://127.0.0.1:9000$b/', 'set $b "";'),
    '/ws/a?x=1',
    'http://127.0.0.1:9000 /',
  ],
  [
    'with a part of a match',
    pass('~ ^/r/(\\w+)$', 'http://127.0.0.1:9000/$1$is_args$args'),
    '/r/b?x=1',
    'http://127.0.0.1:9000 /b?x=1',
  ],
  [
    'rewritten',
    pass('/ws', 'http://127.0.0.1:9000', 'rewrite ^/ws(.*)$ /new$1 break;'),
    '/ws/a?x=1',
    'http://127.0.0.1:9000 /new/a?x=1',
  ],
  [
    'rewritten, then another location',
    `${pass('/b', 'http://127.0.0.1:9001')} location /ws { rewrite ^ /b last; }`,
    '/ws',
    'http://127.0.0.1:9001 /b',
  ],
  ['through try_files', `location / { try_files $uri @app; } ${pass('@app')}`, '/x?y', 'http://127.0.0.1:9000 /x?y'],
  [
    'through a status',
    `location / { error_page 418 = @ws; if ($http_upgrade) { return 418; } } ${pass('@ws')}`,
    '/x',
    'http://127.0.0.1:9000 /x',
  ],
  [
    'by an "if" with another backend',
    pass('/ws', 'http://127.0.0.1:9000', 'if ($arg_b) { proxy_pass http://127.0.0.1:9001; }'),
    '/ws?b=1',
    'http://127.0.0.1:9001 /ws?b=1',
  ],
  [
    'refused by an "if"',
    pass('/ws', 'http://127.0.0.1:9000', 'if ($http_origin !~ "^https://a") { return 403; }'),
    '/ws',
    '403',
  ],
  ['redirected for its slash', pass('/ws/'), '/ws', '301 /ws/'],
  [
    'redirected by the server',
    `return 301 https://$host$request_uri; ${pass('/ws')}`,
    '/ws?x=1',
    '301 https://a.test/ws?x=1',
  ],
  ['round in a circle', 'location / { rewrite ^ / last; }', '/', 'lost'],
])('a request is passed on %s', (_how, lines, path, expected) => {
  expect(end(one(lines), `ws://a.test${path}`)).toBe(`a.test ${expected}`);
});

test('what is no address of the web is none', () => {
  for (const text of ['nginx.conf', 'ftp://a/b', 'ws:', 'ws:///x', 'wss://[/'])
    expect(requestFor(text), text).toBeNull();
});
