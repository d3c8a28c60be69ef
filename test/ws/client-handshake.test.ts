import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AnswerExpectation,
  type AnswerProblem,
  answerProblems,
  checkAnswer,
  keyFrom,
  writeHandshake,
} from '../../src/ws/client-handshake.ts';
import { readHandshake } from '../../src/ws/handshake.ts';
import { createHeadReader } from '../../src/ws/head.ts';
import { writeAnswerHead, writeRequestHead } from '../../src/ws/head-writer.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

/** The answer of RFC 6455, 1.3. */
const example: Record<string, string | string[]> = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
};

function check(
  changes: Record<string, string | string[] | null>,
  head: { status?: number; httpVersion?: '1.0' | '1.1' } = {},
  offer: Partial<AnswerExpectation> = {},
) {
  const rawHeaders = Object.entries({ ...example, ...changes }).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().flatMap((each) => [name, each]),
  );
  return checkAnswer({ status: 101, httpVersion: '1.1', reason: '', rawHeaders, ...head }, { key, ...offer });
}

test('the request, byte for byte', () => {
  const written = writeHandshake({
    host: 'server.example.com',
    target: '/chat',
    key,
    origin: 'http://example.com',
    subprotocols: ['chat', 'superchat'],
    extensions: 'permessage-deflate',
    rawHeaders: ['X-One', '1'],
  });
  expect(written.ok && Buffer.from(written.bytes).toString('latin1')).toBe(
    'GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nOrigin: http://example.com\r\n` +
      'Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Extensions: permessage-deflate\r\nX-One: 1\r\n\r\n',
  );
});

test('keys are 16 bytes', () => {
  expect(keyFrom(Buffer.from('the sample nonce'))).toBe(key);
  expect(() => keyFrom(new Uint8Array(15))).toThrow(RangeError);
});

const unwritable: [string, Partial<Parameters<typeof writeHandshake>[0]>][] = [
  ['a line break in the target', { target: '/\r\nX: y' }],
  ['a blank in the target', { target: '/a b' }],
  ['a line break in the host', { host: 'a\r\nX: y' }],
  ['a line feed in the origin', { origin: 'a\nX: y' }],
  ['a comma in a subprotocol', { subprotocols: ['a,b'] }],
  ['a line break in the extensions', { extensions: 'a\rb' }],
  ['a line break in a value', { rawHeaders: ['X', 'a\r\nY: z'] }],
  ['a line break in a name', { rawHeaders: ['X: a\r\nY', 'z'] }],
  ['an empty name', { rawHeaders: ['', 'z'] }],
  ['a NUL', { rawHeaders: ['X', '\0'] }],
  ['a character that is no byte', { rawHeaders: ['X', '\u010a'] }],
];

test.each(unwritable)('refuses to write %s', (_what, changes) => {
  expect(writeHandshake({ host: 'a', target: '/', key, ...changes })).toMatchObject({ ok: false });
});

test('nothing that is written can begin a header of its own', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('a', ':', '\r', '\n', '\r\n', '\0', '\u010d\u010a', '\u2028'))
      .map((list) => list.join('')),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), text, (rawHeaders, other) => {
      for (const written of [
        writeRequestHead({ method: 'GET', target: other, rawHeaders }),
        writeRequestHead({ method: other, target: '/', rawHeaders }),
        writeAnswerHead({ status: 400, reason: other, rawHeaders }),
      ]) {
        if (!written.ok) continue;
        const lines = Buffer.from(written.bytes)
          .toString('latin1')
          .split(/\r\n|\r|\n/);
        expect(lines.length).toBe(1 + Math.floor(rawHeaders.length / 2) + 2);
      }
    }),
  );
});

test('the status of an answer has three digits', () => {
  expect(writeAnswerHead({ status: 99, reason: '', rawHeaders: [] })).toMatchObject({ ok: false });
  expect(writeAnswerHead({ status: 200.5, reason: '', rawHeaders: [] })).toMatchObject({ ok: false });
});

test('our own request satisfies our own server', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (random) => {
      const written = writeHandshake({ host: 'a', target: '/', key: keyFrom(random) });
      const lines = Buffer.from(written.ok ? written.bytes : [])
        .toString('latin1')
        .split('\r\n')
        .slice(1, -2);
      const rawHeaders = lines.flatMap((line) => line.split(': '));
      expect(readHandshake({ method: 'GET', httpVersion: '1.1', rawHeaders })).toMatchObject({ ok: true });
    }),
  );
});

const accepted: [string, Parameters<typeof check>, object][] = [
  ['the example', [{}], { subprotocol: null, extensions: [] }],
  ['other cases', [{ Upgrade: 'WebSocket', Connection: 'keep-alive, upgrade' }], { subprotocol: null }],
  [
    'an offered subprotocol',
    [{ 'sec-websocket-protocol': 'b' }, {}, { subprotocols: ['a', 'b'] }],
    { subprotocol: 'b' },
  ],
  ['none of the offered subprotocols', [{}, {}, { subprotocols: ['a'] }], { subprotocol: null }],
  [
    'an offered extension',
    [{ 'Sec-WebSocket-Extensions': 'y; z' }, {}, { extensions: 'x, y' }],
    { extensions: [{ name: 'y', parameters: [{ name: 'z', value: null }] }] },
  ],
];

test.each(accepted)('accepts %s', (_what, parameters, expected) => {
  expect(check(...parameters)).toMatchObject({ ok: true, ...expected });
});

const refused: [AnswerProblem, string, Parameters<typeof check>][] = [
  ['status', '200', [{}, { status: 200 }]],
  ['http-version', '1.0', [{}, { httpVersion: '1.0' }]],
  ['upgrade', 'none', [{ Upgrade: null }]],
  ['upgrade', 'another', [{ Upgrade: 'h2c' }]],
  ['upgrade-repeated', 'twice', [{ Upgrade: ['websocket', 'websocket'] }]],
  ['upgrade', 'two', [{ Upgrade: ['websocket', 'h2c'] }]],
  ['connection', 'none', [{ Connection: null }]],
  ['connection', 'close', [{ Connection: 'close' }]],
  ['accept-missing', 'none', [{ 'Sec-WebSocket-Accept': null }]],
  ['accept-repeated', 'two', [{ 'Sec-WebSocket-Accept': ['s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'x'] }]],
  ['accept', 'another', [{ 'Sec-WebSocket-Accept': key }]],
  ['accept', 'another case', [{ 'Sec-WebSocket-Accept': 'S3PPLMBITXAQ9KYGZZHZRBK+XOO=' }]],
  ['subprotocol-repeated', 'two', [{ 'Sec-WebSocket-Protocol': ['a', 'b'] }, {}, { subprotocols: ['a', 'b'] }]],
  ['subprotocol-unoffered', 'none offered', [{ 'Sec-WebSocket-Protocol': 'a' }]],
  ['subprotocol-unoffered', 'a list', [{ 'Sec-WebSocket-Protocol': 'a, b' }, {}, { subprotocols: ['a', 'b'] }]],
  ['subprotocol-unoffered', 'another case', [{ 'Sec-WebSocket-Protocol': 'A' }, {}, { subprotocols: ['a'] }]],
  ['extensions-malformed', 'a lone semicolon', [{ 'Sec-WebSocket-Extensions': 'a;' }]],
  ['extension-unoffered', 'none offered', [{ 'Sec-WebSocket-Extensions': 'permessage-deflate' }]],
  ['extension-unoffered', 'another', [{ 'Sec-WebSocket-Extensions': 'x, y' }, {}, { extensions: 'x' }]],
];

test.each(refused)('refuses: %s (%s)', (problem, _what, parameters) => {
  expect(check(...parameters)).toEqual({ ok: false, problem });
});

test('every problem has a case above', () => {
  expect(new Set(refused.map(([problem]) => problem))).toEqual(new Set(Object.keys(answerProblems)));
});

test('the head that is written can be read', () => {
  const written = writeAnswerHead({ status: 426, reason: 'Upgrade Required', rawHeaders: ['A', 'b \xe9', 'C', ''] });
  const step = createHeadReader().push(written.ok ? written.bytes : new Uint8Array());
  expect(step).toMatchObject({
    head: { status: 426, reason: 'Upgrade Required', rawHeaders: ['A', 'b \xe9', 'C', ''] },
  });
});
