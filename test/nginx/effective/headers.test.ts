// biome-ignore-all lint/suspicious/noTemplateCurlyInString: braces behind a dollar are what nginx's variables look like.
import { describe, expect, test } from 'vitest';
import { backendHandshakeHeaders, backendHeaders } from '../../../src/nginx/effective/headers.ts';
import type { RequestKind, Resolved } from '../../../src/nginx/effective/model.ts';
import { http, locationAt, modelOf } from './support.ts';

const docsMap = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
const pooledMap = "map $http_upgrade $connection_upgrade { default upgrade; '' ''; }";
const strictMaps =
  'map $http_upgrade $up { ~*^websocket$ websocket; default ""; } map $http_upgrade $con { ~*^websocket$ upgrade; default ""; }';
const both = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;';

function around(maps: string, inside: string): string {
  return http(`${maps} server { location / { proxy_pass http://127.0.0.1:9; ${inside} } }`);
}

const shown = (value: Resolved) => (value.known ? value.value : `? ${value.because}`);

/** Upgrade and Connection as the backend gets them, for the three kinds of request. */
function got(text: string, target = '1.22.1') {
  const model = modelOf(text, { target });
  const location = locationAt(model, 'location /');
  const kinds: RequestKind[] = ['websocket', 'h2c', 'plain'];
  return kinds.map((kind) => {
    const { upgrade, connection } = backendHandshakeHeaders(model, location, kind)!;
    return `${shown(upgrade)} / ${shown(connection)}`;
  });
}

test.each<[name: string, text: string, expected: string[]]>([
  ['the map of the manual', around(docsMap, both), ['websocket / upgrade', 'h2c / upgrade', ' / close']],
  ['the map that keeps connections', around(pooledMap, both), ['websocket / upgrade', 'h2c / upgrade', ' / ']],
  [
    'maps that let only WebSockets through',
    around(strictMaps, 'proxy_set_header Upgrade $up; proxy_set_header Connection $con;'),
    ['websocket / upgrade', ' / ', ' / '],
  ],
  ['nothing set', around('', ''), [' / close', ' / close', ' / close']],
  [
    'Upgrade alone',
    around('', 'proxy_set_header Upgrade $http_upgrade;'),
    ['websocket / close', 'h2c / close', ' / close'],
  ],
  [
    'both written out',
    around('', 'proxy_set_header Upgrade websocket; proxy_set_header Connection "upgrade";'),
    ['websocket / upgrade', 'websocket / upgrade', 'websocket / upgrade'],
  ],
  [
    'the client’s own Connection',
    around('', 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;'),
    ['websocket / Upgrade', 'h2c / Upgrade, HTTP2-Settings', ' / keep-alive'],
  ],
  [
    'an empty and a full line: only the full one is sent',
    around('', 'proxy_set_header connection ""; proxy_set_header Connection upgrade;'),
    [' / upgrade', ' / upgrade', ' / upgrade'],
  ],
  [
    'through a second map',
    around(`${docsMap} map $connection_upgrade $c2 { upgrade yes; default no; }`, 'proxy_set_header Connection $c2;'),
    [' / yes', ' / yes', ' / no'],
  ],
  [
    'a map of something else',
    around('map $http_x $c { a b; default d; }', 'proxy_set_header Connection $c;'),
    Array(3).fill(' / ? $c depends on $http_x'),
  ],
  [
    'a map of something else with one value only',
    around('map $http_x $c { a b; default b; }', 'proxy_set_header Connection $c;'),
    Array(3).fill(' / b'),
  ],
  [
    'a variable that is set',
    around('', 'set $c "up"; proxy_set_header Connection "${c}grade";'),
    Array(3).fill(' / upgrade'),
  ],
  [
    'a variable that an if sets',
    around('', 'set $c ""; if ($http_upgrade) { set $c upgrade; } proxy_set_header Connection $c;'),
    Array(3).fill(' / ? $c is set in an "if"'),
  ],
  [
    'maps that go round',
    around('map $b $a { default $b; } map $a $b { default $a; }', 'proxy_set_header Connection $a;'),
    Array(3).fill(' / ? $b refers to itself'),
  ],
])('%s', (_name, text, expected) => {
  expect(got(text)).toEqual(expected);
});

test('from 1.29.7 nginx asks nobody to close', () => {
  expect(got(around('', ''), '1.29.7')).toEqual([' / ', ' / ', ' / ']);
});

test('keys of a map are compared in any case, its regexes as written', () => {
  const text = around('map $http_upgrade $c { WebSocket a; ~^H2C$ b; default c; }', 'proxy_set_header Connection $c;');
  expect(got(text)).toEqual([' / a', ' / c', ' / c']);
});

describe('the list of headers', () => {
  const text = http(`proxy_set_header A 1; server {
    location / { proxy_pass http://b; }
    location /own/ { proxy_pass http://b; proxy_set_header host $host; }
  }`);
  const rows = (label: string) => {
    const model = modelOf(text);
    return backendHeaders(model, locationAt(model, label)).map(
      ({ name, value, origin }) => `${name}: ${value} (${origin})`,
    );
  };

  test('inherited lines over nginx’s own', () => {
    expect(rows('location /')).toEqual([
      'A: 1 (inherited)',
      'Host: $proxy_host (default)',
      'Connection: close (default)',
      'Keep-Alive:  (default)',
      'Expect:  (default)',
      'Upgrade:  (default)',
    ]);
  });

  test('one’s own displace the inherited ones, and nginx’s of that name', () => {
    expect(rows('location /own/').slice(0, 2)).toEqual(['host: $host (own)', 'Connection: close (default)']);
  });
});

test.each([
  ['http://backend', 'backend'],
  ['http://backend:80', 'backend'],
  ['https://backend:443/x', 'backend'],
  ['http://backend:8080', 'backend:8080'],
  ['http://$host', '? $proxy_host depends on the request'],
])('proxy_pass %s sends Host: %s', (url, expected) => {
  const model = modelOf(http(`server { location / { proxy_pass ${url}; } }`));
  expect(shown(backendHandshakeHeaders(model, locationAt(model, 'location /'), 'plain')!.host)).toBe(expected);
});

test('a location that proxies nothing has no such headers', () => {
  const model = modelOf(http('server { location / { return 404; } }'));
  expect(backendHandshakeHeaders(model, locationAt(model, 'location /'), 'websocket')).toBeNull();
});
