import { describe, expect, test } from 'vitest';
import { describe as describeLocation } from '../../../src/nginx/effective/describe.ts';
import { chainsFrom, finalLocation } from '../../../src/nginx/effective/jumps.ts';
import { locate } from '../../../src/nginx/effective/locate.ts';
import { http, locationAt, modelOf, server } from './support.ts';

describe('which location takes a path', () => {
  const model = modelOf(
    server(`
    location = / { return 200 a; }
    location / { return 200 b; }
    location /img/ { return 200 c; location /img/deep/ { return 200 d; } location ~ \\.gif$ { return 200 e; } }
    location ^~ /fixed/ { return 200 f; location /fixed/in/ { return 200 g; } }
    location ~* \\.PNG$ { return 200 h; }
    location ~ ^/(a+)+$ { return 200 i; }
    location /ws/ { proxy_pass http://127.0.0.1:1; }
    location @named { return 200 j; }`),
  );
  const at = (path: string) => locate(model.servers[0]!, path);

  test.each([
    ['/', 'location = /'],
    ['/x', 'location /'],
    ['/img/x', 'location /img/'],
    ['/img/deep/x', 'location /img/deep/'],
    ['/img/x.gif', 'location ~ \\.gif$'],
    ['/img/x.png', 'location ~* \\.PNG$'],
    ['/fixed/x.png', 'location ^~ /fixed/'],
    ['/fixed/in/x', 'location /fixed/in/'],
    ['/x.png', 'location ~* \\.PNG$'],
  ])('%s', (path, label) => {
    expect(at(path).location?.label).toBe(label);
  });

  test('a pattern that could take for ever is not tried, and that is said', () => {
    expect(at('/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')).toMatchObject({ certain: false });
  });

  test('a path without the slash is redirected', () => {
    expect(at('/ws').redirectTo).toBe('/ws/');
    expect(at('/ws/').redirectTo).toBeNull();
    expect(at('/img').redirectTo).toBeNull();
  });
});

/** Where each chain leads: kinds and targets. */
function chains(text: string, label = 'location /') {
  const model = modelOf(text);
  return chainsFrom(locationAt(model, label)).map((chain) =>
    chain.map(({ kind, to, when, location }) => `${kind} ${to} ${when} -> ${location?.label ?? '?'}`),
  );
}

test.each<[name: string, text: string, expected: string[][]]>([
  [
    'try_files with a file that never is',
    server('location / { try_files /dev/null @ws; } location @ws { proxy_pass http://127.0.0.1:1; }'),
    [['try_files @ws always -> location @ws']],
  ],
  [
    'try_files with real files',
    server('location / { try_files $uri $uri/ @app; } location @app { }'),
    [['try_files @app sometimes -> location @app']],
  ],
  ['try_files that ends with a status', server('location / { try_files $uri =404; }'), []],
  [
    'return and error_page',
    server('location / { error_page 418 = @ws; return 418; } location @ws { }'),
    [['error_page @ws always -> location @ws']],
  ],
  ['an error_page of another status', server('location / { error_page 404 @x; return 418; } location @x { }'), []],
  [
    'an inherited error_page',
    server('error_page 502 /down.html; location / { proxy_pass http://127.0.0.1:1; } location = /down.html { }'),
    [['error_page /down.html sometimes -> location = /down.html']],
  ],
  [
    'rewrite … last',
    server('location / { rewrite ^/(.*)$ /v2/$1 last; } location /v2/ { }'),
    [['rewrite /v2/$1 sometimes -> location /v2/']],
  ],
  ['rewrite … break stays', server('location / { rewrite ^ /x break; } location /x { }'), []],
  ['rewrite to another host leaves', server('location / { rewrite ^ https://other/ permanent; }'), []],
  [
    'two jumps',
    server('location / { try_files $uri /b; } location = /b { rewrite ^ /c last; } location = /c { }'),
    [['try_files /b sometimes -> location = /b', 'rewrite /c always -> location = /c']],
  ],
  [
    'round and round',
    server('location / { try_files $uri @a; } location @a { error_page 404 @b; } location @b { error_page 404 @a; }'),
    [['try_files @a sometimes -> location @a', 'error_page @b sometimes -> location @b']],
  ],
  ['a name that is not there', server('location / { try_files $uri @no; }'), [['try_files @no sometimes -> ?']]],
])('%s', (_name, text, expected) => {
  expect(chains(text)).toEqual(expected);
});

test('the final location is the one whose timeouts apply', () => {
  const model = modelOf(
    server(
      'location /ws { proxy_read_timeout 20s; try_files /dev/null @ws; } location @ws { proxy_pass http://127.0.0.1:1; }',
    ),
  );
  expect(finalLocation(locationAt(model, 'location /ws')).label).toBe('location @ws');
  expect(locationAt(model, 'location @ws').reachedBy.map(({ from }) => from.label)).toEqual(['location /ws']);
});

test('an if with its own status jumps by the location’s error_page', () => {
  const text = server(
    'location / { error_page 418 = @ws; if ($http_upgrade) { return 418; } proxy_pass http://127.0.0.1:1; } location @ws { }',
  );
  expect(chains(text, 'if ($http_upgrade)')).toEqual([['error_page @ws always -> location @ws']]);
});

test.each<[url: string, expected: object]>([
  ['http://app', { scheme: 'http', authority: 'app', uri: null, hasVariables: false, upstream: { name: 'app' } }],
  ['HTTP://APP/x', { scheme: 'http', authority: 'APP', uri: '/x', upstream: { name: 'app' } }],
  ['https://10.0.0.1:8443/', { scheme: 'https', authority: '10.0.0.1:8443', uri: '/', upstream: null }],
  ['http://unix:/run/a.sock', { authority: 'unix:/run/a.sock', uri: null }],
  ['http://unix:/run/a.sock:/x', { authority: 'unix:/run/a.sock', uri: '/x' }],
  ['http://$name', { scheme: 'http', authority: 'app', hasVariables: true, upstream: { name: 'app' } }],
  ['$arg_url', { scheme: null, authority: '$arg_url', hasVariables: true, upstream: null }],
])('proxy_pass %s', (url, expected) => {
  const model = modelOf(
    http(`upstream app { server 127.0.0.1:1; } server { set $name app; location / { proxy_pass ${url}; } }`),
  );
  const { handler } = locationAt(model, 'location /');
  expect(handler).toMatchObject({ kind: 'proxy', target: expected });
});

test.each([
  ['return 404;', 'return'],
  ['proxy_pass http://127.0.0.1:1; return 404;', 'return'],
  ['grpc_pass 127.0.0.1:1;', 'grpc'],
  ['content_by_lua_block { ngx.say("}") }', 'lua'],
  ['stub_status;', 'other'],
  ['root /srv;', 'static'],
])('a location with "%s" answers by %s', (inside, kind) => {
  expect(locationAt(modelOf(server(`location / { ${inside} }`)), 'location /').handler.kind).toBe(kind);
});

test('servers: names and addresses', () => {
  const model = modelOf(
    http(`server { listen 8080 default_server reuseport backlog=4096 so_keepalive=30s::3; listen [::]:8443 ssl http2;
      listen unix:/run/n.sock; server_name a.example b.example; }
      server { }`),
  );
  const [first, second] = model.servers;
  expect(first!.names).toEqual(['a.example', 'b.example']);
  expect(first!.label).toBe('server a.example');
  expect(first!.listens).toMatchObject([
    {
      address: '*',
      port: 8080,
      ssl: false,
      reuseport: true,
      defaultServer: true,
      backlog: 4096,
      soKeepalive: '30s::3',
    },
    { address: '[::]', port: 8443, ssl: true, http2: true },
    { address: 'unix:/run/n.sock', port: null },
  ]);
  expect(second!.listens).toMatchObject([{ port: 80, statement: null }]);
});

test('upstreams: servers, balancing, what is kept open', () => {
  const text = http(`upstream a { zone a 64k; hash $remote_addr consistent; server 10.0.0.1:1 weight=3 max_conns=9;
    server 10.0.0.2 backup; keepalive 8; } upstream b { server c; }`);
  const model = modelOf(text);
  expect(model.upstreams.get('a')).toMatchObject({
    zone: 'a',
    balancing: 'hash',
    hashKey: '$remote_addr',
    consistent: true,
    keepalive: { connections: 8, origin: 'own' },
    servers: [
      { address: '10.0.0.1:1', weight: 3, maxConns: 9, backup: false },
      { address: '10.0.0.2', weight: 1, backup: true },
    ],
  });
  expect(model.upstreams.get('b')).toMatchObject({ balancing: 'round-robin', keepalive: { connections: 0 } });
  expect(modelOf(text, { target: '1.30.0' }).upstreams.get('b')!.keepalive).toEqual({
    connections: 32,
    origin: 'default',
  });
});

test.each<[context: string[], text: string, labels: string[]]>([
  [['http', 'server'], 'location / { } location /a { }', ['location /', 'location /a']],
  [
    ['http', 'server', 'location'],
    'proxy_read_timeout 5s; if ($a) { }',
    ['the location that includes this', 'if ($a)'],
  ],
  [['http'], 'server { location / { } }', ['location /']],
  [['events'], 'worker_connections 5;', []],
])('a fragment in %j', (context, text, labels) => {
  const model = modelOf(text, { context });
  expect(model.locations.map(({ label }) => label)).toEqual(labels);
  expect(model.complete).toBe(false);
});

test('a description holds values, headers, what reaches the backend, and the jumps', () => {
  const model = modelOf(
    server('location / { proxy_pass http://127.0.0.1:1; error_page 502 @down; } location @down { }'),
  );
  const described = describeLocation(model, locationAt(model, 'location /'));
  expect(described.within).toEqual(['location /', 'server', 'http']);
  expect(described.values.find(({ name }) => name === 'proxy_read_timeout')).toMatchObject({
    text: '60s',
    origin: 'default',
  });
  expect(described.handshake!.websocket.httpVersion).toBe('1.0');
  expect(described.chains).toHaveLength(1);
});
