// biome-ignore-all lint/suspicious/noTemplateCurlyInString: braces behind a dollar are what nginx's variables look like.

import { describe, expect, test } from 'vitest';
import { findVersion } from '../../../src/base/nginx-version.ts';
import { validate } from '../../../src/nginx/facts/validate.ts';
import { type ReadOptions, readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';
import { sampleConfigurations } from '../syntax/samples.ts';

/** Findings of reading and checking, as `severity code: message`. */
function found(text: string, target = '1.22.1', options: ReadOptions = {}): string[] {
  const { value, diagnostics } = readConfiguration(
    '/n.conf',
    memoryReader({ '/n.conf': text, '/a': 'gzip on;' }),
    options,
  );
  const all = [...diagnostics, ...validate(value, { target: findVersion(target)! })];
  return all.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

const http = (inside: string) => `events {}\nhttp { ${inside} }`;
const server = (inside: string) => http(`server { ${inside} }`);
const location = (inside: string) => server(`location / { ${inside} }`);

test.each(sampleConfigurations.map((text, index) => [index, text] as const))(
  'sample %i has no error',
  (_index, text) => {
    expect(found(text).filter((line) => line.startsWith('error'))).toEqual([]);
  },
);

test.each<[text: string, expected: string[]]>([
  // Names and places.
  [
    location('proxy_read_timout 5s;'),
    ['error nginx-unknown-directive: unknown directive "proxy_read_timout"; did you mean "proxy_read_timeout"?'],
  ],
  [location('\u00a0root /x;'), ['error nginx-unknown-directive: unknown directive "\\xa0root"; did you mean "root"?']],
  [http('keepalive 8;'), ['error nginx-directive-misplaced: "keepalive" directive is not allowed here']],
  [location('server_name x;'), ['error nginx-directive-misplaced: "server_name" directive is not allowed here']],
  [server('if ($arg_a) { if ($arg_b) { } }'), ['error nginx-directive-misplaced: "if" directive is not allowed here']],
  // Blocks and arguments.
  [
    location('proxy_pass http://127.0.0.1:1 { }'),
    ['error nginx-block-unexpected: directive "proxy_pass" is not terminated by ";"'],
  ],
  [http('server;'), ['error nginx-block-expected: directive "server" has no opening "{"']],
  [
    location('proxy_set_header A;'),
    ['error nginx-argument-count: invalid number of arguments in "proxy_set_header" directive: it takes 2, here are 1'],
  ],
  [
    location('internal x;'),
    ['error nginx-argument-count: invalid number of arguments in "internal" directive: it takes none, here are 1'],
  ],
  [
    location('try_files $uri;'),
    [
      'error nginx-argument-count: invalid number of arguments in "try_files" directive: it takes at least 2, here are 1',
    ],
  ],
  // Repetition.
  [
    location('proxy_redirect off; proxy_redirect /a /b;'),
    ['error nginx-duplicate-directive: "proxy_redirect" directive is duplicate'],
  ],
  [location('proxy_set_header A 1; proxy_set_header A 2; add_header B 1; add_header B 2;'), []],
  [location('gzip on; include /a;'), ['error nginx-duplicate-directive: "gzip" directive is duplicate']],
  // Values.
  [
    location('gzip maybe;'),
    ['error nginx-invalid-value: "gzip" directive invalid value "maybe": it must be "on" or "off"'],
  ],
  [location('gzip ON;'), []],
  [
    location('proxy_buffers 0 4k;'),
    [
      'error nginx-invalid-value: "proxy_buffers" directive invalid value "0 4k": it must be a number and a size, such as 8 4k',
    ],
  ],
  [
    location('proxy_next_upstream error bad;'),
    [expect.stringMatching(/"proxy_next_upstream" directive invalid value "error bad": it must be "error"/)],
  ],
  [
    location('proxy_pass wss://x;'),
    [expect.stringMatching(/invalid URL prefix in "wss:\/\/x"; a WebSocket begins as HTTP, so write https:\/\//)],
  ],
  [location('proxy_pass http://;'), ['error nginx-invalid-value: no host in upstream in "proxy_pass" directive']],
  [location('proxy_pass $x;'), ['error nginx-unknown-variable: unknown "x" variable']],
  [
    location('if ($arg_a) { proxy_pass http://127.0.0.1:1/x; }'),
    ['error nginx-invalid-value: "proxy_pass" cannot have a URI part inside an "if"'],
  ],
  [
    server('location ~ x { proxy_pass http://127.0.0.1:1/; }'),
    ['error nginx-invalid-value: "proxy_pass" cannot have a URI part in a location given by a regular expression'],
  ],
  [
    server('location @x { proxy_pass http://127.0.0.1:1/; }'),
    ['error nginx-invalid-value: "proxy_pass" cannot have a URI part in a named location'],
  ],
  [location('return abc;'), ['error nginx-invalid-value: invalid return code "abc" in "return" directive']],
  [location('return https://x$request_uri;'), []],
  [location('if ($a = ) { }'), ['error nginx-invalid-value: invalid condition "$a" in "if" directive']],
  [location('if (-f $request_filename) { }'), []],
  [location('if ($arg_a ~~ x) { }'), ['error nginx-invalid-value: unexpected "~~" in condition in "if" directive']],
  [location('error_page 200 /x;'), [expect.stringMatching(/invalid value "200"/)]],
  [location('rewrite a b forever;'), ['error nginx-invalid-value: invalid parameter "forever" in "rewrite" directive']],
  [
    server('listen 80 quic;'),
    [
      'error nginx-invalid-value: invalid parameter "quic" in "listen" directive of nginx 1.22.1: it came with nginx 1.25.0',
    ],
  ],
  [
    http('upstream u { server a wieght=2; }'),
    ['error nginx-invalid-value: invalid parameter "wieght=2" in "server" directive'],
  ],
  [http('map $uri x { }'), ['error nginx-invalid-value: invalid variable name "x" in "map" directive']],
  // Variables.
  [
    http(
      'map $http_upgrade $connection_upgrade { a b; } server { location / { proxy_set_header A $connection_upgrad; } }',
    ),
    ['error nginx-unknown-variable: unknown "connection_upgrad" variable; did you mean "$connection_upgrade"?'],
  ],
  [server('location ~ (?<part>x) { return 200 $part$1$http_x_y$arg_z$Host; }'), []],
  [location('return 200 "$";'), [expect.stringMatching(/invalid variable name/)]],
  // Several statements together.
  [server('location /a { } location /a { }'), ['error nginx-duplicate-directive: duplicate location "/a"']],
  [server('location /a { } location ^~ /a { }'), ['error nginx-duplicate-directive: duplicate location "/a"']],
  [server('location /a { } location = /a { } location ~ /a { } location ~ /a { }'), []],
  [
    server('location /a { location /b { } }'),
    ['error nginx-directive-misplaced: location "/b" is outside location "/a"'],
  ],
  [
    server('location /a { location @b { } }'),
    ['error nginx-directive-misplaced: named location "@b" can be on the server level only'],
  ],
  [
    server('location = /a { location /a { } }'),
    ['error nginx-directive-misplaced: location "/a" cannot be inside the exact location "/a"'],
  ],
  [http('upstream u { }'), ['error nginx-block-expected: no servers are inside upstream "u"']],
  [
    http('upstream u { server a; } upstream U { server b; }'),
    ['error nginx-duplicate-directive: duplicate upstream "u"'],
  ],
  [
    server('listen 443 ssl;'),
    ['error nginx-invalid-value: no "ssl_certificate" is defined for the "listen ... ssl" directive'],
  ],
  [server('listen 443 ssl; ssl_reject_handshake on;'), []],
  ['http { }', ['error nginx-block-expected: no "events" section in configuration']],
  // Things that only look wrong.
  [http('types { text/html html; gzip on; } geo $g { default 1; 10.0.0.0/8 2; }'), []],
  ['events {} stream { server { listen 1; proxy_pass unix:/x; proxy_timeout 5m; } }', []],
])('%j', (text, expected) => {
  expect(found(text)).toEqual(expected);
});

describe('versions', () => {
  test.each<[directive: string, target: string, expected: string[]]>([
    [
      'http2 on;',
      '1.22.1',
      ['error nginx-directive-not-in-target: unknown directive "http2" in nginx 1.22.1: it came with nginx 1.25.1'],
    ],
    ['http2 on;', '1.25.1', []],
    ['ssl off;', '1.22.1', ['warning nginx-obsolete-directive: "ssl" is obsolete since nginx 1.15.0; use listen']],
    [
      'ssl off;',
      '1.25.1',
      ['error nginx-directive-not-in-target: unknown directive "ssl" in nginx 1.25.1: it was removed in nginx 1.25.1'],
    ],
    ['proxy_http_version 2;', '1.29.4', []],
    ['proxy_http_version 2;', '1.29.3', [expect.stringMatching(/invalid value "2"/)]],
    ['proxy_socket_keepalive on;', '1.14.0', [expect.stringMatching(/it came with nginx 1.15.6/)]],
    ['listen 443 quic;', '1.26.0', []],
  ])('%s in %s', (directive, target, expected) => {
    expect(found(server(directive), target)).toEqual(expected);
  });

  test('a directive that an older version has elsewhere only', () => {
    const text = http('upstream u { server a; resolver 127.0.0.1; }');
    expect(found(text, '1.27.3')).toEqual([]);
    expect(found(text, '1.22.1')).toEqual([
      expect.stringMatching(/"resolver" in nginx 1.22.1: it came with nginx 1.27.3/),
    ]);
  });
});

describe('what may stand in another file is not called missing', () => {
  test('a fragment', () => {
    const text = 'server { listen 443 ssl; location / { proxy_set_header A $b; proxy_pass http://u; } } upstream e { }';
    expect(found(text, '1.22.1', { context: ['http'] })).toEqual([]);
  });

  test('a configuration of which a file is missing', () => {
    const text = http('include /none.conf; server { listen 443 ssl; location / { return 200 $b; } }');
    expect(found(text)).toEqual([expect.stringMatching(/^error nginx-include-missing/)]);
  });

  test('but what stands in the fragment is judged by its place', () => {
    expect(found('listen 80;', '1.22.1', { context: ['http'] })).toEqual([expect.stringMatching(/not allowed here/)]);
    expect(found('listen 80;', '1.22.1', { context: ['http', 'server'] })).toEqual([]);
  });
});

test('a module that is not known may bring any directive', () => {
  const text = `load_module modules/ngx_http_ours_module.so;\n${location('frobnicate on; proxy_read_timout 5s;')}`;
  expect(found(text)).toEqual([
    'warning nginx-unknown-directive: unknown directive "frobnicate"',
    expect.stringMatching(/^error .*did you mean/),
  ]);
});
