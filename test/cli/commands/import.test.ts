/** `holdline import` as a user runs it, with the configurations that it cannot take. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { capture } from '../capture.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'holdline-import-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const target = path.join(directory, name);
  writeFileSync(target, text);
  return target;
}

const upgrade = 'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;';
const site = (inside: string) => `events {}\nhttp {\n${inside}\n}\n`;
const location = (head: string, body: string) =>
  site(`server {\nlisten 80;\nserver_name app.example.com;\nlocation ${head} {\n${body}\n${upgrade}\n}\n}`);

test('the spec goes to standard output, and every line with its fate to standard error', async () => {
  const { code, out, err } = await capture([
    'import',
    file('good.conf', location('/ws', 'proxy_pass http://127.0.0.1:3000;')),
  ]);
  expect(code).toBe(0);
  expect(out).toContain('- match: { host: app.example.com, path: /ws }');
  expect(err).toContain('listen 80\n         kept: listen: 0.0.0.0:80');
  expect(err).toContain('not needed: the edge passes the upgrade on by itself');
  expect(err).toContain('nothing is lost');
});

test('a file that is there is not written over', async () => {
  const conf = file('once.conf', location('/ws', 'proxy_pass http://127.0.0.1:3000;'));
  const target = path.join(directory, 'once.yaml');
  expect((await capture(['import', conf, '-o', target])).code).toBe(0);
  expect(readFileSync(target, 'utf8')).toContain('/ws');
  const again = await capture(['import', conf, '-o', target]);
  expect(again.code).not.toBe(0);
  expect(again.err).toContain('nothing was written');
  expect((await capture(['import', conf, '-o', target, '--force'])).code).toBe(0);
});

test('the print of nginx -T counts for the files in it', async () => {
  const dump = [
    'nginx: the configuration file /etc/nginx/nginx.conf syntax is ok',
    '# configuration file /etc/nginx/nginx.conf:',
    site('include sites/*.conf;'),
    '# configuration file /etc/nginx/sites/app.conf:',
    `server { listen 80; server_name app.example.com; location /ws { proxy_pass http://127.0.0.1:3000; ${upgrade} } }`,
  ].join('\n');
  const { code, out } = await capture(['import', file('dump.txt', dump)]);
  expect(code).toBe(0);
  expect(out).toContain('# /etc/nginx/sites/app.conf:1 location /ws');
});

test('--strict fails when a line cannot be kept', async () => {
  const conf = file('strict.conf', location('/ws', 'allow 10.0.0.0/8; deny all; proxy_pass http://127.0.0.1:3000;'));
  expect((await capture(['import', conf])).code).toBe(0);
  const { code, err } = await capture(['import', conf, '--strict']);
  expect(code).toBe(1);
  expect(err).toContain('cannot be kept: the spec has no lists of addresses');
});

/** What cannot become a spec, and the words by which it is told. */
const refused: Readonly<Record<string, readonly [text: string, code: number, words: readonly string[]]>> = {
  'no WebSocket location': [
    site('server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } }'),
    1,
    ['error: its one location that proxies does not pass the upgrade on', '--all'],
  ],
  'no location at all': [site('server { listen 80; return 404; }'), 1, ['no location proxies anything']],
  'a template': [
    site('server { listen {{ port }}; location / { proxy_pass http://app; } }'),
    1,
    ['is a template', 'render the template'],
  ],
  'a brace that is missing': ['events {}\nhttp { server { listen 80;\n', 1, [':3:1: error: unexpected end of file']],
  'an include that is missing': [
    site(`include gone.conf;\nserver { listen 80; location /ws { proxy_pass http://127.0.0.1:3000; ${upgrade} } }`),
    1,
    [':3:1: error: there is no file', 'path: /ws'],
  ],
  'a pattern': [
    location('~ \\.ws$', 'proxy_pass http://127.0.0.1:3000;'),
    1,
    ['    6  location ~ \\.ws$', 'write a route for each path', 'the spec can say none of its WebSocket locations'],
  ],
  'a variable that depends on the request': [
    location('/ws', 'proxy_pass http://$arg_backend:3000;'),
    1,
    ['    7  proxy_pass http://$arg_backend:3000', 'where this goes depends on the request'],
  ],
  'Lua that chooses the server': [
    site(
      `upstream a { server 0.0.0.1; balancer_by_lua_block { local x = 1 } }\nserver { listen 80; location /ws { proxy_pass http://a; ${upgrade} } }`,
    ),
    1,
    ['Lua chooses the server'],
  ],
  'an if on something else': [
    location('/ws', 'if ($http_x_key = "") { return 403; }\nproxy_pass http://127.0.0.1:3000;'),
    0,
    ['    7  if ($http_x_key = "")', 'what depends on $http_x_key needs code: decide it in onHandshake'],
  ],
  'Lua in the location': [
    location('/ws', 'access_by_lua_block { ngx.exit(403) }\nproxy_pass http://127.0.0.1:3000;'),
    0,
    ['    7  access_by_lua_block', 'hooks module'],
  ],
  'a directive that nobody knows': [
    location('/ws', 'frobnicate on;\nproxy_pass http://127.0.0.1:3000;'),
    1,
    ['    7  frobnicate on', 'Holdline does not know what it would be in the spec', 'unknown directive'],
  ],
  'a file that is not there': ['', 3, ['cannot be read']],
};

test.each(Object.entries(refused))(
  '%s is said with its place and what to do',
  async (name, [text, expected, words]) => {
    const conf = text === '' ? path.join(directory, 'not-there.conf') : file('refused.conf', text);
    const { code, out, err } = await capture(['import', conf]);
    const all = `${err}\n${out}`.replaceAll(/\s+/g, ' ');
    for (const word of words) expect(all, name).toContain(word.replaceAll(/\s+/g, ' ').trim());
    expect(code).toBe(expected);
    expect(all).not.toContain('at Object.');
  },
);
