import { describe, expect, test } from 'vitest';
import { valueIn } from '../../../src/nginx/effective/values.ts';
import { lineOf } from '../../../src/nginx/syntax/place.ts';
import { http, locationAt, modelOf, server } from './support.ts';

/** `what the value is <- where it comes from`, and the lines that were lost. */
function value(text: string, name: string, options: { target?: string; at?: string } = {}) {
  const model = modelOf(text, options.target === undefined ? {} : { target: options.target });
  const found = valueIn(model, locationAt(model, options.at ?? 'location /'), name);
  const rows = found.rows.map((row) => row.join(' ')).join(' | ');
  return `${found.text === null ? 'unset' : rows} <- ${found.from === null ? found.origin : `${found.origin} ${found.from.label}`}`;
}

test.each<[name: string, text: string, directive: string, expected: string]>([
  ['own value', server('location / { proxy_read_timeout 5s; }'), 'proxy_read_timeout', '5s <- own location /'],
  ['from the server', server('proxy_read_timeout 7s; location / { }'), 'proxy_read_timeout', '7s <- inherited server'],
  ['from http', http('proxy_read_timeout 8s; server { location / { } }'), 'proxy_read_timeout', '8s <- inherited http'],
  [
    'the nearest one wins',
    http('proxy_read_timeout 8s; server { proxy_read_timeout 7s; location / { } }'),
    'proxy_read_timeout',
    '7s <- inherited server',
  ],
  ['default', server('location / { }'), 'proxy_read_timeout', '60s <- default'],
  ['no default', server('location / { }'), 'proxy_ssl_crl', 'unset <- unset'],
  [
    'a set, inherited whole',
    server('proxy_set_header A 1; proxy_set_header B 2; location / { }'),
    'proxy_set_header',
    'A 1 | B 2 <- inherited server',
  ],
  [
    'a set, lost whole',
    server('proxy_set_header A 1; proxy_set_header B 2; location / { proxy_set_header C 3; }'),
    'proxy_set_header',
    'C 3 <- own location /',
  ],
  [
    'add_header likewise',
    server('add_header A 1; location / { add_header B 2; }'),
    'add_header',
    'B 2 <- own location /',
  ],
  [
    'deny displaces an inherited allow',
    server('allow 10.0.0.0/8; location / { deny all; }'),
    'allow',
    'unset <- own location /',
  ],
  [
    'error_log from the top of the file',
    `error_log /e info;\n${server('location / { }')}`,
    'error_log',
    '/e info <- inherited main',
  ],
  ['error_log default', server('location / { }'), 'error_log', 'logs/error.log error <- default'],
  ['a rewrite is not inherited', server('rewrite ^ /x; location / { }'), 'rewrite', 'unset <- unset'],
  [
    'two buffers of the larger size',
    server('proxy_buffer_size 16k; location / { }'),
    'proxy_busy_buffers_size',
    '32k <- default',
  ],
  ['an unknown directive', server('foo 1; location / { }'), 'foo', 'unset <- unset'],
])('%s', (_name, text, directive, expected) => {
  expect(value(text, directive)).toBe(expected);
});

test.each<[directive: string, target: string, expected: string]>([
  ['proxy_http_version', '1.22.1', '1.0'],
  ['proxy_http_version', '1.29.6', '1.0'],
  ['proxy_http_version', '1.29.7', '1.1'],
  ['ssl_protocols', '1.22.1', 'TLSv1 TLSv1.1 TLSv1.2'],
  ['ssl_protocols', '1.24.0', 'TLSv1 TLSv1.1 TLSv1.2 TLSv1.3'],
  ['ssl_protocols', '1.28.0', 'TLSv1.2 TLSv1.3'],
  ['keepalive_requests', '1.18.0', '100'],
  ['keepalive_requests', '1.22.1', '1000'],
])('the default of %s in %s is %s', (directive, target, expected) => {
  expect(value(server('location / { }'), directive, { target })).toBe(`${expected} <- default`);
});

describe('an if inside a location is a location of its own', () => {
  const text = server(`location / {
    proxy_pass http://127.0.0.1:1; proxy_read_timeout 9s; proxy_set_header A 1; add_header X 1;
    if ($arg_a) { add_header Y 2; }
  }`);

  test.each([
    ['proxy_pass', 'http://127.0.0.1:1 <- inherited location /'],
    ['proxy_read_timeout', '9s <- inherited location /'],
    ['proxy_set_header', 'A 1 <- inherited location /'],
    ['add_header', 'Y 2 <- own if ($arg_a)'],
  ])('%s', (directive, expected) => {
    expect(value(text, directive, { at: 'if ($arg_a)' })).toBe(expected);
  });
});

describe('add_header_inherit, from 1.29.3', () => {
  const text = (how: string) => server(`add_header A 1; location / { add_header_inherit ${how}; add_header B 2; }`);

  test.each([
    ['merge', '1.29.3', 'A 1 | B 2 <- own location /'],
    ['on', '1.29.3', 'B 2 <- own location /'],
    ['merge', '1.28.0', 'B 2 <- own location /'],
  ])('%s in %s', (how, target, expected) => {
    expect(value(text(how), 'add_header', { target })).toBe(expected);
  });

  test('off keeps outer lines away', () => {
    const inside = server('add_header A 1; location / { add_header_inherit off; }');
    expect(value(inside, 'add_header', { target: '1.29.3' })).toBe('unset <- unset');
  });
});

test('lost lines are named with what displaced them', () => {
  const model = modelOf(
    http('proxy_set_header A 1;\nserver {\nproxy_set_header B 2;\nlocation / {\nproxy_set_header C 3;\n} }'),
  );
  const { lost } = valueIn(model, locationAt(model, 'location /'), 'proxy_set_header');
  expect(
    lost.map(({ statement, scope, to }) => [lineOf(statement.directive), scope.kind, lineOf(to.directive)]),
  ).toEqual([
    [5, 'server', 7],
    [3, 'http', 7],
  ]);
});

test('lines of an included file keep their file', () => {
  const model = modelOf(server('include ws.conf; location / { }'), {
    files: { '/etc/nginx/ws.conf': '\nproxy_read_timeout 3s;' },
  });
  const [line] = valueIn(model, locationAt(model, 'location /'), 'proxy_read_timeout').statements;
  expect([line!.directive.file.path, lineOf(line!.directive)]).toEqual(['/etc/nginx/ws.conf', 2]);
  expect(line!.through.map(({ args }) => args)).toEqual([['ws.conf']]);
});
