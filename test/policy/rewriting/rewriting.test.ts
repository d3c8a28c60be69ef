import { describe, expect, test } from 'vitest';
import {
  compileRewriting,
  type ExchangeFacts,
  rewriteAnswer,
  rewriteRequest,
} from '../../../src/policy/rewriting/rewriting.ts';
import { readSpec } from '../../../src/spec/read.ts';

const facts: ExchangeFacts = {
  clientAddress: '192.0.2.1',
  clientPort: 0,
  clientSubject: '',
  scheme: 'https',
  host: 'edge.example',
  path: '/app/ws',
  origin: '',
  route: 'app',
  tags: { user: 'ann' },
  subprotocols: [],
};

/** The rewriting of a route that is written so, in YAML. */
function rewriting(written: string) {
  const text = `upstreams: { app: { servers: "http://127.0.0.1:1" } }\nroutes:\n  - upstream: app\n    origins: any\n    name: app\n    match: { path: /app }\n${written.replace(/^/gm, '    ')}\n`;
  const { value, diagnostics } = readSpec(text, { file: 'f' });
  expect(diagnostics).toEqual([]);
  return compileRewriting(value!.routes[0]!)!;
}

describe('requests', () => {
  test.each<[string, string[], string[]]>([
    ['path: { strip: /app }', ['Host', 'h'], ['Host', 'h', 'X-Forwarded-Prefix', '/app']],
    ['path: { strip: /app }', ['x-forwarded-prefix', '/outer'], ['X-Forwarded-Prefix', '/outer/app']],
    ['path: { prefix: /app }', ['Host', 'h'], ['Host', 'h']],
    ['headers: { toServer: { set: { Host: internal } } }', ['host', 'h', 'A', 'b'], ['A', 'b', 'Host', 'internal']],
    ['headers: { toServer: { add: { A: c } } }', ['A', 'b'], ['A', 'b', 'A', 'c']],
    ['headers: { toServer: { remove: Cookie } }', ['COOKIE', 'x', 'A', 'b'], ['A', 'b']],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the spec has this form as well.
      'headers: { toServer: { set: { X-User: "$tag_user", X-From: "${client_address}/$scheme$$$path" } } }',
      ['x-user', 'root'],
      ['X-User', 'ann', 'X-From', '192.0.2.1/https$/app/ws'],
    ],
    // What a request does not have is no empty header, and is not taken from the client either.
    ['headers: { toServer: { set: { X-Room: "$tag_room" } } }', ['X-Room', 'forged'], []],
  ])('%s: %j becomes %j', (written, before, after) => {
    expect(rewriteRequest(rewriting(written), before, facts)).toEqual(after);
  });
});

describe('answers', () => {
  test.each<[string, string[], string[]]>([
    ['path: { strip: /app }', ['Location', '/x', 'A', '/x'], ['Location', '/app/x', 'A', '/x']],
    [
      'headers: { toClient: { set: { Strict-Transport-Security: max-age=31536000 }, remove: [Server] } }',
      ['Server', 's', 'strict-transport-security', 'max-age=0'],
      ['Strict-Transport-Security', 'max-age=31536000'],
    ],
  ])('%s: %j becomes %j', (written, before, after) => {
    expect(rewriteAnswer(rewriting(written), before, facts, 'http://127.0.0.1:1')).toEqual(after);
  });
});

describe('subprotocols', () => {
  test.each<[string, string[], string | null, string | null, string | null]>([
    // what the client offers, what the server then is offered, what it chooses, what the client gets
    ['{ add: mqtt }', [], 'mqtt', 'mqtt', null],
    ['{ add: mqtt }', ['mqtt'], 'mqtt', 'mqtt', 'mqtt'],
    ['{ add: mqtt }', ['v1'], 'v1, mqtt', 'mqtt', null],
    ['{ remove: bearer.* }', ['bearer.xyz'], null, null, 'bearer.xyz'],
    ['{ remove: bearer.* }', ['bearer.xyz', 'chat'], 'chat', 'chat', 'chat'],
    ['{ remove: chat, add: v2 }', ['chat'], 'v2', 'v2', 'chat'],
  ])('%s: offered %j, passed on %s, chosen %s, told %s', (written, offered, passed, chosen, told) => {
    const each = rewriting(`subprotocol: ${written}`);
    const exchange = { ...facts, subprotocols: offered };
    const header = (value: string | null) => (value === null ? [] : ['Sec-WebSocket-Protocol', value]);
    const sent = offered.length === 0 ? [] : ['sec-websocket-protocol', offered.join(', ')];
    expect(rewriteRequest(each, sent, exchange)).toEqual(header(passed));
    expect(rewriteAnswer(each, header(chosen), exchange, '')).toEqual(header(told));
  });
});

test('a route that changes nothing costs nothing', () => {
  const text = 'upstreams: { app: { servers: "http://127.0.0.1:1" } }\nroutes: { upstream: app, origins: any }\n';
  expect(compileRewriting(readSpec(text, { file: 'f' }).value!.routes[0]!)).toBeNull();
});
