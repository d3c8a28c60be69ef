/** Which locations are taken for ones that carry WebSockets. */
import { describe, expect, test } from 'vitest';
import { effective } from '../../../src/nginx/effective/effective.ts';
import { createContext } from '../../../src/nginx/lint/context.ts';
import type { LintOptions } from '../../../src/nginx/lint/rule.ts';
import { readConfiguration } from '../../../src/nginx/syntax/configuration.ts';
import { memoryReader } from '../../../src/nginx/syntax/reader.ts';

function webSockets(locations: string, options: LintOptions = {}) {
  const text = `events {}\nhttp { server { ${locations} } }`;
  const read = readConfiguration('nginx.conf', memoryReader({ 'nginx.conf': text }));
  const context = createContext(effective(read.value), { options, marked: new Set() });
  return context.webSockets.map(
    ({ location, because, mixed }) => `${location.pattern} ${because}${mixed ? ' mixed' : ''}`,
  );
}

const proxied = (head: string) => `location ${head} { proxy_pass http://127.0.0.1:9000; }`;

describe('by name', () => {
  test.each([
    ['/ws', ['/ws name']],
    ['/ws/', ['/ws/ name']],
    ['= /api/ws', ['/api/ws name']],
    ['/wss', ['/wss name']],
    ['/app/websocket', ['/app/websocket name']],
    ['/web-sockets/', ['/web-sockets/ name']],
    ['/cable', ['/cable name']],
    ['/websockify', ['/websockify name']],
    ['/socket.io/', ['/socket.io/ name mixed']],
    ['~ ^/socket\\.io/', ['^/socket\\.io/ name mixed']],
    ['~* ^/(ws|wss)$', ['^/(ws|wss)$ name']],
    ['/sockjs-node', ['/sockjs-node name mixed']],
    ['/signalr', ['/signalr name mixed']],
    ['/chatHub', ['/chatHub faint mixed']],
    ['/live', ['/live faint mixed']],
    ['/news', []],
    ['/wsdl', []],
    ['/browser', []],
    ['/github', []],
    ['/delivery', []],
    ['/', []],
  ])('%s', (head, expected) => {
    expect(webSockets(proxied(head))).toEqual(expected);
  });
});

test('by headers, whatever the name; a location that does not proxy is none', () => {
  const headers = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;';
  expect(webSockets(`${headers} ${proxied('/')} location /ws { return 204; }`)).toEqual(['/ headers mixed']);
});

test('through the location that a request comes from', () => {
  expect(webSockets(`location /ws { try_files $uri @app; } ${proxied('@app')}`)).toEqual(['@app name mixed']);
});

test('by a route of the spec', () => {
  expect(webSockets(proxied('/updates'), { routes: [{ path: '/updates/live' }] })).toEqual(['/updates mark mixed']);
});

test('an "if" that changes nothing about proxying is not told again', () => {
  const inner = (line: string) => `location /ws { proxy_pass http://127.0.0.1:9000; if ($arg_a) { ${line} } }`;
  expect(webSockets(inner('set $b 1;'))).toEqual(['/ws name']);
  expect(webSockets(inner('proxy_pass http://127.0.0.1:9001;'))).toHaveLength(2);
});
