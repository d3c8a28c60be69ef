/** The same fault written in another way is found as well, and what only looks like it is not. */
import { expect, test } from 'vitest';
import { frameAround } from '../../../src/nginx/lint/example.ts';
import { lintText } from './linting.ts';

const usual = `proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_read_timeout 1h;
    proxy_set_header Upgrade $websocket_upgrade; proxy_set_header Connection $websocket_connection;`;
const through = (lines: string) => `location ~ ^/ws/(.*)$ { ${lines} ${usual} }`;
const grpc = (lines: string) => `location /stream { grpc_pass grpc://127.0.0.1:50051; ${lines} }`;

test.each([
  ['a path in proxy_pass', 'ws052', through('proxy_pass http://127.0.0.1:7000/$1;'), true],
  [
    'a variable that holds the whole address',
    'ws052',
    through('set $to http://127.0.0.1:7000/$1; proxy_pass $to;'),
    true,
  ],
  ['one in braces', 'ws052', through(`set $to http://127.0.0.1:7000/$1; proxy_pass \${to};`), true],
  [
    'one that carries the query',
    'ws052',
    through('set $to http://127.0.0.1:7000/$1$is_args$args; proxy_pass $to;'),
    false,
  ],
  ['one without a path', 'ws052', through('set $to http://127.0.0.1:7000; proxy_pass $to;'), false],
  ['gRPC with Upgrade', 'ws006', grpc('grpc_set_header Upgrade $http_upgrade;'), true],
  ['gRPC without', 'ws006', grpc('grpc_read_timeout 1h;'), false],
  ['gRPC that takes Upgrade out', 'ws006', grpc('grpc_set_header Upgrade "";'), false],
] as const)('%s: %s', (_name, rule, text, expected) => {
  const codes = lintText(frameAround(text, 'server')).map(({ code }) => code.slice(0, 5));
  expect(codes.includes(rule)).toBe(expected);
});
