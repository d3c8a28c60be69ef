import { describe, expect, test } from 'vitest';
import { acceptFor, isKey, readHandshake, subprotocolsMax } from '../../src/ws/handshake.ts';
import { type HandshakeProblem, handshakeProblems } from '../../src/ws/handshake-problem.ts';

/** The request of RFC 6455, 1.2. */
const example: Record<string, string | string[]> = {
  Host: 'server.example.com',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  Origin: 'http://example.com',
  'Sec-WebSocket-Protocol': 'chat, superchat',
  'Sec-WebSocket-Version': '13',
};

type Changes = Record<string, string | string[] | null>;

function read(changes: Changes, request: { method?: string; httpVersion?: string } = {}) {
  const rawHeaders = Object.entries({ ...example, ...changes }).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().flatMap((each) => [name, each]),
  );
  return readHandshake({ method: 'GET', httpVersion: '1.1', rawHeaders, ...request });
}

test('the example of the RFC', () => {
  expect(read({})).toEqual({
    ok: true,
    handshake: {
      host: 'server.example.com',
      origin: 'http://example.com',
      key: 'dGhlIHNhbXBsZSBub25jZQ==',
      subprotocols: ['chat', 'superchat'],
      extensions: [],
    },
  });
  expect(acceptFor('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

const accepted: [string, Changes][] = [
  ['either case of a token', { Upgrade: 'WebSocket', Connection: 'uPGRADE' }],
  ['a token within a list', { Connection: 'keep-alive, Upgrade', Upgrade: 'h2c , websocket' }],
  ['a list over two headers', { Connection: ['keep-alive', 'Upgrade'] }],
  ['lower-case header names', { Upgrade: null, upgrade: 'websocket' }],
  ['blanks around a key', { 'Sec-WebSocket-Key': ' dGhlIHNhbXBsZSBub25jZQ==\t' }],
  ['empty list elements', { 'Sec-WebSocket-Protocol': 'a,, b,' }],
  ['a length of zero', { 'Content-Length': '0' }],
  ['no Origin', { Origin: null }],
  ['headers that are none of its business', { Cookie: 'a=b', 'X-Upgrade': 'h2c' }],
];

test.each(accepted)('accepts %s', (_what, changes) => {
  expect(read(changes)).toMatchObject({ ok: true });
});

test('gives the offers in order', () => {
  const reading = read({
    'Sec-WebSocket-Protocol': ['a, b', 'c'],
    'Sec-WebSocket-Extensions': ['permessage-deflate; client_max_window_bits', 'x-other'],
  });
  expect(reading).toMatchObject({
    handshake: {
      subprotocols: ['a', 'b', 'c'],
      extensions: [
        { name: 'permessage-deflate', parameters: [{ name: 'client_max_window_bits', value: null }] },
        { name: 'x-other', parameters: [] },
      ],
    },
  });
});

const refused: [HandshakeProblem, string, Changes, { method?: string; httpVersion?: string }?][] = [
  ['method', 'POST', {}, { method: 'POST' }],
  ['method', 'a lower-case get', {}, { method: 'get' }],
  ['http-version', 'HTTP/1.0', {}, { httpVersion: '1.0' }],
  ['http-version', 'HTTP/0.9', {}, { httpVersion: '0.9' }],
  ['host', 'none', { Host: null }],
  ['host', 'two', { Host: ['a', 'b'] }],
  ['upgrade-missing', 'none', { Upgrade: null }],
  ['upgrade-other', 'h2c', { Upgrade: 'h2c' }],
  ['upgrade-other', 'a longer token', { Upgrade: 'websockets' }],
  ['upgrade-other', 'a token with a version', { Upgrade: 'websocket/13' }],
  ['upgrade-other', 'nothing in it', { Upgrade: '' }],
  ['connection', 'none', { Connection: null }],
  ['connection', 'close', { Connection: 'close' }],
  ['connection', 'the token inside another', { Connection: 'keep-alive, not-upgrade' }],
  ['version', 'none', { 'Sec-WebSocket-Version': null }],
  ['version', '8', { 'Sec-WebSocket-Version': '8' }],
  ['version', '13 with a zero', { 'Sec-WebSocket-Version': '013' }],
  ['version', 'a list', { 'Sec-WebSocket-Version': '13, 8' }],
  ['version-repeated', '13 twice', { 'Sec-WebSocket-Version': ['13', '13'] }],
  ['key-missing', 'none', { 'Sec-WebSocket-Key': null }],
  ['key-repeated', 'two', { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='] }],
  ['key-invalid', 'empty', { 'Sec-WebSocket-Key': '' }],
  ['key-invalid', '15 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') }],
  ['key-invalid', '17 bytes', { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') }],
  ['key-invalid', 'the URL alphabet', { 'Sec-WebSocket-Key': '__________________ABCD==' }],
  ['origin', 'two', { Origin: ['http://good.example', 'http://evil.example'] }],
  ['subprotocols', 'the same twice', { 'Sec-WebSocket-Protocol': 'chat, chat' }],
  ['subprotocols', 'a blank inside', { 'Sec-WebSocket-Protocol': 'super chat' }],
  ['subprotocols', 'nothing in it', { 'Sec-WebSocket-Protocol': '' }],
  [
    'subprotocols',
    'too many',
    { 'Sec-WebSocket-Protocol': Array.from({ length: subprotocolsMax + 1 }, (_, i) => `p${i}`) },
  ],
  ['extensions', 'an open quote', { 'Sec-WebSocket-Extensions': 'x; a="b' }],
  ['body', 'a length', { 'Content-Length': '5' }],
  ['body', 'a malformed length', { 'Content-Length': 'x' }],
  ['body', 'chunked', { 'Transfer-Encoding': 'chunked' }],
];

test.each(refused)('refuses: %s (%s)', (problem, _what, changes, request) => {
  expect(read(changes, request)).toEqual({ ok: false, problem });
});

test('every problem has a case above', () => {
  expect(new Set(refused.map(([problem]) => problem))).toEqual(new Set(Object.keys(handshakeProblems)));
});

describe('the refusals', () => {
  test('a wrong version is told the right one', () => {
    expect(handshakeProblems.version.status).toBe(426);
    expect(handshakeProblems.version.headers.join()).toContain('Sec-WebSocket-Version,13');
  });

  test('every 426 names the protocol to upgrade to (RFC 9110, 15.5.22)', () => {
    for (const facts of Object.values(handshakeProblems))
      if (facts.status === 426) expect(facts.headers.join()).toContain('Upgrade,websocket');
  });
});

test('keys', () => {
  expect(isKey('AAAAAAAAAAAAAAAAAAAAAA==')).toBe(true);
  expect(isKey('AAAAAAAAAAAAAAAAAAAAAA==\n')).toBe(false);
});
